-- Newest first, after the one of $1; of one state where $2 says so.
-- row: like find_approval
SELECT id, kind, state, subject_id, subject_username, subject_name, beneficiary_id, beneficiary_username,
       beneficiary_name, payload, payload_hash, reason, created_at, expires_at, proposed_by, proposer_username,
       proposer_name, decided_by, decider_username, decider_name, decided_at, decision_reason, executed_at,
       proposal_signature, approval_signature
FROM approval_details
WHERE ($1::uuid IS NULL OR id < $1::uuid) AND ($2::text IS NULL OR state = $2::text)
  -- By the index of the open ones, not by looking at all that ever were.
  AND ($2::text IS DISTINCT FROM 'open' OR id IN (SELECT o.id FROM approvals o WHERE o.status = 'open'))
ORDER BY id DESC
LIMIT $3::integer
