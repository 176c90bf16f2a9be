-- Takes the holds that a worker is to give free, the longest due first. Several workers never take the same one: a row
-- that is locked is passed over, and one that was taken is not due. After its lease it is due again, in case nothing
-- came of it; but what was woken for a payee who is not closed any more waits for its end.
-- row: id uuid, payer_id uuid, payee_id uuid
WITH due AS (
  SELECT id
  FROM holds
  WHERE status = 0 AND try_at <= now()
  ORDER BY try_at
  LIMIT $1::integer
  FOR UPDATE SKIP LOCKED
)
UPDATE holds h
SET try_at = CASE
      WHEN h.expires_at <= now() OR EXISTS (SELECT FROM accounts a WHERE a.id = h.payee_id AND a.status = 2)
        THEN now() + hold_lease()
      ELSE h.expires_at END
FROM due
WHERE h.id = due.id
RETURNING h.id, h.payer_id, h.payee_id
