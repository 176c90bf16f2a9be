-- Runs in the transaction of the control entry that tells of it (the ledger's prelude): keeps what the passkey of $2 has
-- signed of the open proposal $1 of theirs.
-- row: found bigint, kept void
WITH open AS (
  SELECT id FROM approvals
  WHERE id = $1::uuid AND proposed_by = $2::uuid AND status = 'open' AND expires_at > now()
  FOR NO KEY UPDATE
)
SELECT require_unchanged((SELECT count(*) FROM open)) AS found,
       sign_approval($1, $2, 'proposed', $3::uuid, $4::bigint, $5::boolean, $6::bytea, $7::text, $8::bytea, $9::bytea,
                     $10::bytea) AS kept
