-- Runs in the transaction of a control entry (the ledger's prelude). $2 is the role as it was read: when it
-- is another one by now, nothing happens. Sessions outlive a change of role: their access tokens do not
-- (recent_revocations.sql), and the next refresh brings the new role.
WITH changed AS (
  UPDATE users
  SET role = $3::text, updated_at = now(),
      role_changed_at = CASE WHEN $3 <> $2::text THEN now() ELSE role_changed_at END
  WHERE id = $1::uuid AND role = $2 AND erased_at IS NULL
  RETURNING id
)
SELECT require_unchanged((SELECT count(*) FROM changed))
