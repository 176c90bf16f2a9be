-- Which of the transfers $1, paid by $2, names an authorization ($3) that is not kept; those of people who were erased
-- went with them.
-- row: transfer_id uuid
SELECT named.transfer_id
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS named (transfer_id, payer_id, hash)
LEFT JOIN payment_authorizations a ON a.hash = named.hash AND a.payer_id = named.payer_id
WHERE a.hash IS NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = named.payer_id AND u.erased_at IS NOT NULL)
LIMIT 1
