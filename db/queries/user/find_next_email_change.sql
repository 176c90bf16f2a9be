-- When a user who has asked for as many changes of address as one may can ask again.
-- row: free_at timestamptz
SELECT asked_at + email_change_period() AS free_at
FROM email_changes
WHERE user_id = $1::uuid AND asked_at > now() - email_change_period()
ORDER BY asked_at DESC
OFFSET email_changes_a_period() - 1
LIMIT 1
