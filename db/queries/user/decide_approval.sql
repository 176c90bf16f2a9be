-- Runs in the transaction of the control entry that tells of it (the ledger's prelude): $2 is what becomes of the
-- proposal, $3 who decides and $4 why.
-- row: decided bigint
WITH decided AS (
  UPDATE approvals SET status = $2::text, decided_by = $3::uuid, decided_at = now(), decision_reason = $4::text
  WHERE id = $1::uuid AND status = 'open' AND expires_at > now()
  RETURNING id
)
SELECT require_unchanged((SELECT count(*) FROM decided)) AS decided
