-- Which payments ask for a factor. Access tokens that say otherwise are refused from now on. No row: there is no
-- factor to ask for.
UPDATE users
SET step_up_above = $2::bigint, step_up_new_payees = $3::boolean, factor_version = factor_version + 1,
    role_changed_at = clock_timestamp()
WHERE id = $1::uuid AND factor_since IS NOT NULL
RETURNING id
