-- row: id uuid, kind text, state text, subject_id uuid, subject_username text, subject_name text, beneficiary_id uuid?,
--      beneficiary_username text?, beneficiary_name text?, payload bytea, payload_hash bytea, reason text,
--      created_at timestamptz, expires_at timestamptz, proposed_by uuid, proposer_username text, proposer_name text,
--      decided_by uuid?, decider_username text?, decider_name text?, decided_at timestamptz?, decision_reason text?,
--      executed_at timestamptz?, proposal_signature bytea?, approval_signature bytea?
SELECT id, kind, state, subject_id, subject_username, subject_name, beneficiary_id, beneficiary_username,
       beneficiary_name, payload, payload_hash, reason, created_at, expires_at, proposed_by, proposer_username,
       proposer_name, decided_by, decider_username, decider_name, decided_at, decision_reason, executed_at,
       proposal_signature, approval_signature
FROM approval_details
WHERE id = $1::uuid
