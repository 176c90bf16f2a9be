-- Whose password the link with this token may set: nobody's when it was used, is too old, or went to an address
-- that is not theirs any more. Not staff's, and not that of a closed account.
SELECT u.id, u.username, u.email, u.display_name
FROM mail_tokens t
JOIN users u ON u.id = t.user_id AND u.email = t.address
JOIN accounts a ON a.id = u.id
WHERE t.token_hash = $1::bytea AND t.purpose = 'password_reset' AND t.used_at IS NULL AND t.expires_at > now()
  AND u.role = 'user' AND a.status <> 2
