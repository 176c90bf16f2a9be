-- Access tokens say what a payer allows PINs, so those of before are refused. Only where there is a second factor.
-- row: id uuid
UPDATE users
SET pin_per_payment = $2::bigint, pin_per_day = $3::bigint, factor_version = factor_version + 1,
    role_changed_at = clock_timestamp()
WHERE id = $1::uuid AND factor_since IS NOT NULL
RETURNING id
