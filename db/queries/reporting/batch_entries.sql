SELECT created_at, kind, amount, account_id, counterparty_id
FROM batch_entries($1::integer, $2::bigint, $3::bigint)
