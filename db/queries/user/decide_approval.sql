-- Runs in the transaction of the control entry that tells of it (the ledger's prelude): $2 is what becomes of the
-- proposal, $3 who decides and $4 why. From $5 on: what their passkey has signed of it, if it has.
-- row: decided bigint, kept void
WITH decided AS (
  UPDATE approvals SET status = $2::text, decided_by = $3::uuid, decided_at = now(), decision_reason = $4::text
  WHERE id = $1::uuid AND status = 'open' AND expires_at > now()
  RETURNING id
)
SELECT require_unchanged((SELECT count(*) FROM decided)) AS decided,
       sign_approval($1, $3, 'approved', $5::uuid, $6::bigint, $7::boolean, $8::bytea, $9::text, $10::bytea, $11::bytea,
                     $12::bytea) AS kept
