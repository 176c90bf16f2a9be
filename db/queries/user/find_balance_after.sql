-- What an account held right after one of its entries.
SELECT balance_after FROM entries WHERE account_id = $1::uuid AND seq = $2::bigint
