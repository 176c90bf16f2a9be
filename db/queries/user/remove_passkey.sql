-- Where mail is sent ($3), the user is told.
-- row: verdict text
WITH passkey AS (
  SELECT name FROM passkeys WHERE id = $2::uuid AND user_id = $1::uuid
), done AS (
  SELECT remove_passkey($1, $2) AS verdict, (SELECT name FROM passkey) AS name
), noted AS (
  INSERT INTO user_events (user_id, kind, details) SELECT $1, 'passkey_removed', coalesce(name, '') FROM done WHERE verdict IN ('removed', 'turned_off')
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, details, expires_at)
  SELECT gen_random_uuid(), 'passkey_removed/' || $2, 'passkey_removed', $1, coalesce(name, ''), now() + interval '7 days'
  FROM done
  WHERE $3::boolean AND verdict IN ('removed', 'turned_off')
)
SELECT verdict FROM done
