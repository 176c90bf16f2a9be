-- What staff have signed of proposal $1, where it has one of the hashes $2: the proposer's first.
-- row: subject_id uuid, beneficiary_id uuid?, payload bytea, proposed_by uuid, decision text, signer_id uuid,
--      relying_party text, credential_id bytea, public_key bytea, client_data bytea, authenticator_data bytea,
--      signature bytea
SELECT p.subject_id, p.beneficiary_id, p.payload, p.proposed_by, s.decision, s.signer_id, s.relying_party,
       s.credential_id, s.public_key, s.client_data, s.authenticator_data, s.signature
FROM executed_proposals p
JOIN approval_signatures s ON s.approval_id = p.id
WHERE p.id = $1::uuid AND s.hash = ANY ($2::bytea[])
ORDER BY s.decision DESC
LIMIT 2
