-- What an account held right after a transfer.
SELECT balance_after FROM entries WHERE account_id = $1::uuid AND transfer_id = $2::uuid
