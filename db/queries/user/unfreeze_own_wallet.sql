-- Runs in the transaction of the control entry that tells of it (the ledger's prelude): user $1 lifts what they froze
-- themselves and is told; where mail is sent ($2), by that too. `changed_meanwhile`: it is not theirs to lift any more.
-- row: changed bigint
WITH owner AS (
  SELECT u.id
  FROM users u
  JOIN accounts a ON a.id = u.id
  WHERE u.id = $1::uuid AND u.erased_at IS NULL AND a.status = 1 AND a.frozen_by_owner
  FOR NO KEY UPDATE OF u, a
), noted AS (
  INSERT INTO user_events (user_id, kind) SELECT id, 'wallet_unfrozen' FROM owner
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)
  SELECT gen_random_uuid(), 'wallet_unfrozen/' || gen_random_uuid(), 'wallet_unfrozen', id, now() + interval '7 days'
  FROM owner
  WHERE $2::boolean
)
SELECT require_unchanged((SELECT count(*) FROM owner)) AS changed
