-- What is NULL stays. $4 is the operator who changes somebody else's names; users change their own ($4 is NULL)
-- while their wallet is neither frozen nor closed.
UPDATE users u
SET display_name = coalesce($2::text, u.display_name), username = coalesce($3::text, u.username),
    updated_at = now()
FROM accounts a,
     (SELECT set_config('instapay.renamed_by', coalesce($4::uuid::text, ''), true) AS name OFFSET 0) AS actor
WHERE u.id = $1::uuid AND u.erased_at IS NULL AND a.id = u.id AND ($4 IS NOT NULL OR a.status = 0)
  AND actor.name IS NOT NULL
RETURNING u.id
