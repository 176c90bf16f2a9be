-- Nothing comes of the change that user $1 has asked for; the link that was sent is good for nothing.
-- row: none
UPDATE email_changes SET ended_at = clock_timestamp()
WHERE user_id = $1::uuid AND confirmed_at IS NULL AND ended_at IS NULL
