-- row: id uuid, user_id uuid, payment_id uuid?, mode smallint, own_amount bigint?, own_shares integer?, total bigint,
--      all_shares bigint?, note text?, created_at timestamptz, expires_at timestamptz?, open bigint, paid bigint,
--      declined bigint, cancelled bigint, expired bigint, received bigint, refunded bigint
SELECT id, user_id, payment_id, mode, own_amount, own_shares, total, all_shares, note, created_at, expires_at, open, paid,
       declined, cancelled, expired, received, refunded
FROM split_details
WHERE id = $1::uuid
