-- By either side; a proposal too. What has expired has ended already.
-- row: none
UPDATE mandates m
SET status = 3, ended_at = now(), end_reason = CASE WHEN payer_id = $2::uuid THEN 'payer' ELSE 'payee' END
WHERE id = $1::uuid AND $2::uuid IN (payer_id, payee_id) AND status IN (0, 1)
  AND coalesce(mandate_ends(m) > now(), true)
