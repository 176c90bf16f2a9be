-- What staff have signed, with the proposals that it is of, after the signature of hash $1.
-- row: hash bytea, approval_id uuid, kind text, subject_id uuid, beneficiary_id uuid?, proposed_by uuid, payload bytea,
--      decision text, signer_id uuid, relying_party text, credential_id bytea, public_key bytea, client_data bytea,
--      authenticator_data bytea, signature bytea
SELECT s.hash, s.approval_id, p.kind, p.subject_id, p.beneficiary_id, p.proposed_by, p.payload, s.decision, s.signer_id,
       s.relying_party, s.credential_id, s.public_key, s.client_data, s.authenticator_data, s.signature
FROM approval_signatures s
JOIN approvals p ON p.id = s.approval_id
WHERE s.hash > $1::bytea
ORDER BY s.hash
LIMIT 1000
