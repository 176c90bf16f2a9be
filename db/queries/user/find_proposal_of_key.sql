-- What a key of somebody stands for: an entry, of whatever kind.
-- row: change text?, reference uuid?, request_hash bytea?
SELECT change, reference, request_hash
FROM entries
WHERE coalesce(actor_id, account_id) = $1::uuid AND idempotency_key = $2::bytea
