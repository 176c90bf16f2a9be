-- Takes the push that is due the longest, for $1 seconds, with what it tells. Several workers never take the same one: a
-- row that is locked is passed over, and one that was taken is not due. What a push service that pauses is to get waits, so
-- that it holds up no other. `is_wanted`: by who is still signed in there.
-- row: id bigint, kind text, event_key text, attempts integer, is_expired boolean, ttl_s integer, happened_at timestamptz,
--      subscription_id uuid, endpoint text?, p256dh bytea?, auth bytea?, vapid_kid text?, language text, is_wanted boolean,
--      shows_amounts boolean, amount bigint?, person text?, transfer_id uuid?, request_id uuid?, hold_id uuid?,
--      schedule_id uuid?, occurrence_id uuid?, mandate_id uuid?, draw_id uuid?, was_paused boolean
WITH due AS (
  SELECT id
  FROM push_outbox
  WHERE state = 'pending' AND next_attempt_at <= now()
    AND origin NOT IN (SELECT p.origin FROM push_pauses p WHERE p.ends_at > now())
  ORDER BY next_attempt_at
  LIMIT 1
  FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE push_outbox o
  SET attempts = o.attempts + 1, next_attempt_at = now() + $1::integer * interval '1 second'
  FROM due
  WHERE o.id = due.id
  RETURNING o.*
)
SELECT c.id, c.kind, c.event_key, c.attempts, c.expires_at <= now() AS is_expired,
       greatest(ceil(extract(epoch FROM c.expires_at - now())), 0)::integer AS ttl_s, c.happened_at, c.subscription_id,
       s.endpoint, s.p256dh, s.auth, s.vapid_kid, coalesce(u.language, 'en') AS language,
       x.id IS NOT NULL AND u.id IS NOT NULL AND wants_push(c.kind, n.push_money, n.push_requests, n.push_planned) AS is_wanted,
       coalesce(n.push_amounts, true) AS shows_amounts,
       coalesce(abs(e.amount), r.amount, CASE WHEN c.kind = 'hold_captured' THEN h.captured ELSE h.amount END, o.amount,
                d.amount, g.per_draw) AS amount,
       other.display_name AS person, e.transfer_id, r.id AS request_id, h.id AS hold_id, o.schedule_id,
       o.id AS occurrence_id, g.id AS mandate_id, d.id AS draw_id,
       EXISTS (SELECT FROM push_pauses p WHERE p.origin = c.origin) AS was_paused
FROM claimed c
LEFT JOIN push_subscriptions s ON s.id = c.subscription_id
LEFT JOIN sessions x ON x.id = s.session_id AND x.revoked_at IS NULL AND x.expires_at > now()
LEFT JOIN users u ON u.id = c.user_id AND u.id = s.user_id AND u.erased_at IS NULL
LEFT JOIN notice_settings n ON n.user_id = c.user_id
LEFT JOIN entries e ON e.account_id = c.user_id AND e.seq = c.entry_seq
LEFT JOIN request_events v ON v.id = c.event_id
LEFT JOIN user_events w ON w.id = c.event_id
LEFT JOIN payment_requests r ON r.id = v.request_id
LEFT JOIN holds h ON h.id = v.hold_id
LEFT JOIN schedule_occurrences o ON o.id = w.occurrence_id
LEFT JOIN mandates g ON g.id = w.mandate_id
LEFT JOIN mandate_draws d ON d.id = w.draw_id
LEFT JOIN users other ON other.id = CASE
  WHEN e.seq IS NOT NULL THEN e.counterparty_id
  WHEN r.id IS NOT NULL THEN CASE WHEN r.payee_id = c.user_id THEN r.payer_id ELSE r.payee_id END
  WHEN h.id IS NOT NULL THEN CASE WHEN h.payee_id = c.user_id THEN h.payer_id ELSE h.payee_id END
  WHEN g.id IS NOT NULL THEN CASE WHEN g.payee_id = c.user_id THEN g.payer_id ELSE g.payee_id END
  ELSE CASE WHEN o.payee_id = c.user_id THEN o.payer_id ELSE o.payee_id END END
