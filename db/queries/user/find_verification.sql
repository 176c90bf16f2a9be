-- Whose address the link with this token shows to be theirs, and whether the opening grant waits for that: nobody's
-- when it was used, is too old, or went to an address that is not theirs any more.
SELECT u.id, u.email, u.grant_due
FROM mail_tokens t
JOIN users u ON u.id = t.user_id AND u.email = t.address
JOIN accounts a ON a.id = u.id
WHERE t.token_hash = $1::bytea AND t.purpose = 'verify_email' AND t.used_at IS NULL AND t.expires_at > now()
  AND a.status <> 2
