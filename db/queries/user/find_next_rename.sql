-- When a user who has used up their renames may rename again.
SELECT r.released_at + rename_period()
FROM username_releases r
WHERE r.user_id = $1::uuid AND r.actor_id IS NULL AND r.released_at > now() - rename_period()
ORDER BY r.released_at DESC
OFFSET renames_a_period() - 1
LIMIT 1
