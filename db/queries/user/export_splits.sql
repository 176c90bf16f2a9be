-- What somebody has split, after the one of $2, oldest first. As transaction/list_splits.sql has it.
SELECT id, user_id, payment_id, mode, own_amount, own_shares, total, all_shares, note, created_at, expires_at, open, paid,
       declined, cancelled, expired, received, refunded
FROM split_details
WHERE user_id = $1::uuid AND id > $2::uuid
ORDER BY id
LIMIT 500
