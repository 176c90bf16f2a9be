-- Runs in the transaction of a control entry (the ledger's prelude). $2 is the role as it was read: when it
-- is another one by now, nothing happens. $4: the wallet is closed, too. $5: the same of
-- the wallet's status, where the right to change it depends on that. $6 and $7: the proposal that it was approved by,
-- and who did; from $8 on what their passkey has signed of it, if it has. Sessions outlive a change of role: their access tokens do not
-- (recent_revocations.sql), and the next refresh brings the new role.
WITH changed AS (
  UPDATE users
  SET role = $3::text, updated_at = now(),
      role_changed_at = CASE WHEN $3 <> $2::text THEN now() ELSE role_changed_at END
  WHERE id = $1::uuid AND role = $2 AND erased_at IS NULL
    AND ($5::smallint IS NULL OR $5 = (SELECT status FROM accounts WHERE id = $1 FOR NO KEY UPDATE))
  RETURNING id
)
SELECT require_unchanged((SELECT count(*) FROM changed)) AS changed, require_admin_besides($1, $4::boolean) AS kept,
       execute_approval($6::uuid, $7::uuid) AS executed,
       sign_approval($6, $7, 'approved', $8::uuid, $9::bigint, $10::boolean, $11::bytea, $12::text, $13::bytea,
                     $14::bytea, $15::bytea) AS signature_kept
