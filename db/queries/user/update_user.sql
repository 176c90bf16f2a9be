-- What is NULL stays.
UPDATE users
SET display_name = coalesce($2::text, display_name), username = coalesce($3::text, username),
    updated_at = now()
WHERE id = $1::uuid AND erased_at IS NULL
RETURNING id
