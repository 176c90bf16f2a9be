-- Which of the transfers $1 names a signature ($3) of proposal $2 that is not kept as it was signed.
-- row: transfer_id uuid
SELECT named.transfer_id
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS named (transfer_id, approval_id, hash)
LEFT JOIN approval_signatures s ON s.hash = named.hash AND s.approval_id = named.approval_id
WHERE authorization_hash(s.relying_party, s.credential_id, s.public_key, s.client_data, s.authenticator_data, s.signature)
      IS DISTINCT FROM named.hash
LIMIT 1
