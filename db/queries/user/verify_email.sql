-- Uses up the token $1, and the user's others of its kind: the address that it was sent to is theirs. Where the
-- opening grant waited for that ($2), it runs in the transaction of the grant (the ledger's prelude). Anything else
-- than was read before: nothing happens. The user's row is locked first, so that of many links one comes after the
-- other.
WITH owner AS (
  SELECT u.id
  FROM mail_tokens t
  JOIN users u ON u.id = t.user_id AND u.email = t.address
  WHERE t.token_hash = $1::bytea AND u.grant_due = $2::boolean
  FOR NO KEY UPDATE OF u
), token AS (
  UPDATE mail_tokens t
  SET used_at = now()
  FROM owner o
  WHERE t.user_id = o.id AND t.token_hash = $1 AND t.purpose = 'verify_email' AND t.used_at IS NULL
    AND t.expires_at > now()
  RETURNING t.user_id
), verified AS (
  UPDATE users u SET email_verified_at = coalesce(u.email_verified_at, now()), grant_due = false
  FROM token t
  WHERE u.id = t.user_id
  RETURNING u.id
), others AS (
  UPDATE mail_tokens o SET used_at = now()
  FROM verified v
  WHERE o.user_id = v.id AND o.purpose = 'verify_email' AND o.used_at IS NULL AND o.token_hash <> $1
)
SELECT require_unchanged((SELECT count(*) FROM verified))
