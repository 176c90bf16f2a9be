-- An attempt that the push service of browser $1 did not take. `is_over`: those were $2 in a row, and nothing has reached it
-- for $3 days.
-- row: is_over boolean
UPDATE push_subscriptions
SET failures = least(failures, 1000000) + 1
WHERE id = $1::uuid
RETURNING failures >= $2::integer
          AND coalesce(last_success_at, created_at) < now() - $3::integer * interval '1 day' AS is_over
