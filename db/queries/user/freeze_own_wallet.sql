-- Runs in the transaction of the control entry that tells of it (the ledger's prelude): user $1 freezes their wallet.
-- Every other session ends with it, all but $2, and the user is told; where mail is sent ($3), by that too.
-- `changed_meanwhile`: it is frozen or closed already.
-- row: changed bigint
WITH owner AS (
  SELECT u.id
  FROM users u
  JOIN accounts a ON a.id = u.id
  WHERE u.id = $1::uuid AND u.erased_at IS NULL AND a.status = 0
  FOR NO KEY UPDATE OF u, a
), ended AS (
  UPDATE sessions s SET revoked_at = clock_timestamp()
  FROM owner o
  WHERE s.user_id = o.id AND s.revoked_at IS NULL AND s.id <> $2::uuid
), noted AS (
  INSERT INTO user_events (user_id, kind) SELECT id, 'wallet_frozen' FROM owner
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)
  SELECT gen_random_uuid(), 'wallet_frozen/' || gen_random_uuid(), 'wallet_frozen', id, now() + interval '7 days'
  FROM owner
  WHERE $3::boolean
)
SELECT require_unchanged((SELECT count(*) FROM owner)) AS changed
