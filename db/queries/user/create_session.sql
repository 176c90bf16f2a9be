-- Only while the password that was verified still is the password, the account is not closed, and a second
-- factor, if there is one, was proven ($10): a login that crosses a change of password, a closing or an
-- enrolment leaves no session behind. With $11 only while the user's factors have this version: a login by a factor
-- that crosses its removal leaves none either. No row: read the credentials again. Beside it, how many sessions ended
-- because there may be $9 at once, and what an access token says of factors. The user is told of the device ($13; NULL: it
-- is known), by mail too with $12, unless they have signed in with the like from the same address, or have only just
-- registered.
WITH owner AS (
  SELECT u.id, u.factor_version, u.factor_since, u.step_up_above, u.step_up_new_payees, u.pin_per_payment,
         u.created_at < now() - interval '10 minutes' AS is_settled
  FROM users u
  JOIN accounts a ON a.id = u.id
  WHERE u.id = $1::uuid AND u.password_hash = $2::text AND a.status <> 2
    AND (u.factor_since IS NULL OR $10::text IS NOT NULL)
    AND ($11::bigint IS NULL OR u.factor_version = $11)
  FOR NO KEY UPDATE OF u FOR SHARE OF a
), trimmed AS (
  SELECT id, end_oldest_sessions(id, $9::integer - 1) AS ended FROM owner
), session AS (
  INSERT INTO sessions (id, user_id, user_agent, address, expires_at, factor, factor_at)
  SELECT $3::uuid, id, $4::text, $5::text,
         now() + least($6::integer, $8::integer) * interval '1 second',
         $10::text, CASE WHEN $10::text IS NOT NULL THEN now() END
  FROM trimmed
  WHERE ended IS NOT NULL
  RETURNING id, expires_at, factor, factor_at
), token AS (
  INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
  SELECT $7::bytea, id, expires_at FROM session
), noted AS (
  INSERT INTO user_events (user_id, kind, details)
  SELECT o.id, 'new_device', $13
  FROM session s
  CROSS JOIN owner o
  WHERE $13::text IS NOT NULL AND o.is_settled
    AND NOT EXISTS (SELECT FROM sessions k WHERE k.user_id = o.id AND k.user_agent = $4 AND k.address = $5)
  RETURNING user_id
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, details, expires_at)
  SELECT gen_random_uuid(), 'new_device/' || s.id, 'new_device', n.user_id, $13, now() + interval '7 days'
  FROM session s
  CROSS JOIN noted n
  WHERE $12::boolean
)
SELECT s.id, t.ended, o.factor_version, o.factor_since IS NOT NULL, s.factor, s.factor_at, o.step_up_above,
       o.step_up_new_payees, NULL::timestamptz, o.pin_per_payment
FROM session s
CROSS JOIN trimmed t
CROSS JOIN owner o
