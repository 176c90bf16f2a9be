-- Exchanges a refresh token ($1) for its successor ($2), all in one step: the row locks make two
-- exchanges of one token take turns, and the second sees what the first did.
--   rotated   the token was current; now $2 is, sealed for the holder of the old one in $3
--   replayed  exchanged, and the successor was never used: the answer was lost, or two tabs asked at
--             once; `successor` is what the first exchange sealed
--   reused    exchanged, and its successor too: somebody has a copy, the session ends
--   closed    the account is closed: the session ends
--   expired   too old, or its session has ended or had its whole life ($5 seconds)
WITH token AS (
  SELECT t.token_hash, t.replaced_at, t.replaced_by, t.successor, t.expires_at,
         s.id AS session_id, s.user_id, s.revoked_at, s.factor, s.factor_at,
         s.created_at + $5::integer * interval '1 second' AS session_ends_at
  FROM refresh_tokens t
  JOIN sessions s ON s.id = t.session_id
  WHERE t.token_hash = $1::bytea
  FOR UPDATE
), decided AS (
  SELECT token.*,
         CASE
           WHEN (SELECT a.status FROM accounts a WHERE a.id = user_id) = 2 THEN 'closed'
           WHEN revoked_at IS NOT NULL OR expires_at <= now() OR session_ends_at <= now()
             THEN 'expired'
           WHEN replaced_at IS NULL THEN 'rotated'
           WHEN NOT EXISTS (SELECT FROM refresh_tokens n
                            WHERE n.token_hash = token.replaced_by AND n.replaced_at IS NOT NULL)
             THEN 'replayed'
           ELSE 'reused'
         END AS verdict,
         least(now() + $4::integer * interval '1 second', session_ends_at) AS next_expires_at
  FROM token
), replaced AS (
  UPDATE refresh_tokens t
  SET replaced_at = now(), replaced_by = $2::bytea, successor = $3::bytea
  FROM decided d
  WHERE d.verdict = 'rotated' AND t.token_hash = d.token_hash
), added AS (
  INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
  SELECT $2::bytea, session_id, next_expires_at
  FROM decided
  WHERE verdict = 'rotated'
), forgotten AS (
  DELETE FROM refresh_tokens t
  USING decided d
  WHERE d.verdict = 'rotated' AND t.session_id = d.session_id AND t.expires_at <= now()
), session AS (
  UPDATE sessions s
  SET last_used_at = now(),
      expires_at = CASE WHEN d.verdict = 'rotated' THEN d.next_expires_at ELSE s.expires_at END,
      revoked_at = CASE WHEN d.verdict IN ('reused', 'closed')
                        THEN coalesce(s.revoked_at, clock_timestamp()) END
  FROM decided d
  WHERE s.id = d.session_id AND d.verdict <> 'expired'
)
SELECT d.verdict, d.session_id, d.successor,
       greatest(ceil(extract(epoch FROM d.session_ends_at - now())), 1)::bigint,
       u.id, u.username, u.email, u.display_name, u.role,
       a.status, a.balance, u.created_at, u.updated_at,
       u.factor_version, u.factor_since IS NOT NULL, d.factor, d.factor_at, u.step_up_above, u.step_up_new_payees,
       n.proven_at, u.pin_per_payment
FROM decided d
JOIN users u ON u.id = d.user_id
LEFT JOIN session_pins n ON n.session_id = d.session_id
JOIN account_states a ON a.id = u.id
