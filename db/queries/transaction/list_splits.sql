-- What somebody has split, newest first.
-- row: like find_split
SELECT id, user_id, payment_id, mode, own_amount, own_shares, total, all_shares, note, created_at, expires_at, open, paid,
       declined, cancelled, expired, received, refunded
FROM split_details
WHERE user_id = $1::uuid
  AND ($2::uuid IS NULL OR id < $2::uuid)
ORDER BY id DESC
LIMIT $3::integer
