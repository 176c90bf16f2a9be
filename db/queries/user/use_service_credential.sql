-- The account $1 gets an access token for its credential $2; with a client assertion, for who was first to present it
-- ($3 and $4: its hash, and until when it is good). No row: what was read before is not so any more. left_s: how long
-- the account still lives.
-- row: was_first boolean, left_s bigint?
WITH account AS (
  SELECT a.id, a.expires_at FROM service_accounts a
  JOIN service_credentials c ON c.account_id = a.id AND c.id = $2::uuid AND c.revoked_at IS NULL
  WHERE a.id = $1::uuid AND service_account_is_live(a)
  FOR NO KEY UPDATE OF a, c
), spent AS (
  INSERT INTO spent_challenges (challenge_hash, expires_at)
  SELECT $3::bytea, $4::timestamptz FROM account WHERE $3::bytea IS NOT NULL
  ON CONFLICT DO NOTHING
  RETURNING true
), used AS (
  UPDATE service_accounts s SET last_used_at = now() FROM account a WHERE s.id = a.id
), used_credential AS (
  UPDATE service_credentials c SET last_used_at = now() FROM account a WHERE c.id = $2::uuid AND c.account_id = a.id
)
SELECT $3::bytea IS NULL OR EXISTS (SELECT FROM spent) AS was_first,
       floor(extract(epoch FROM a.expires_at - now()))::bigint AS left_s
FROM account a
