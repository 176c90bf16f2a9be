-- Takes the mail that is due the longest, for $1 seconds, and says to whom it goes. Several workers never take
-- the same one: a row that is locked is passed over, and one that was taken is not due.
WITH due AS (
  SELECT id
  FROM mail_outbox
  WHERE state = 'pending' AND next_attempt_at <= now()
  ORDER BY next_attempt_at
  LIMIT 1
  FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE mail_outbox o
  SET attempts = o.attempts + 1, next_attempt_at = now() + $1::integer * interval '1 second'
  FROM due
  WHERE o.id = due.id
  RETURNING o.*
)
SELECT c.id, c.kind, c.attempts, c.expires_at <= now(), c.created_at,
       coalesce(u.language, c.language, 'en'), u.id, coalesce(c.address, u.email), u.display_name, u.role,
       coalesce(a.status = 2, true), coalesce(o.amount, abs(e.amount), r.amount, w.amount), other.display_name,
       time_as_told(coalesce(o.due_at, w.due_at), coalesce(s.time_zone, g.time_zone)),
       time_as_told(coalesce(o.due_at, w.due_at) + occurrence_life(), coalesce(s.time_zone, g.time_zone)), c.details, c.email_change_id,
       c.summary_day::text, day.came, day.came_in, day.went, day.went_out
FROM claimed c
LEFT JOIN users u
  ON u.id = coalesce(c.user_id, (SELECT id FROM users WHERE email = c.address)) AND u.erased_at IS NULL
LEFT JOIN accounts a ON a.id = u.id
LEFT JOIN schedule_occurrences o ON o.id = c.occurrence_id
LEFT JOIN schedules s ON s.id = o.schedule_id
LEFT JOIN entries e ON e.account_id = c.user_id AND e.seq = c.entry_seq
LEFT JOIN payment_requests r ON r.id = c.request_id
LEFT JOIN mandate_draws w ON w.id = c.draw_id
LEFT JOIN mandates g ON g.id = w.mandate_id
LEFT JOIN users other ON other.id = CASE
  WHEN e.seq IS NOT NULL THEN e.counterparty_id
  WHEN r.id IS NOT NULL THEN CASE WHEN u.id = r.payer_id THEN r.payee_id ELSE r.payer_id END
  WHEN w.id IS NOT NULL THEN CASE WHEN u.id = w.payer_id THEN w.payee_id ELSE w.payer_id END
  ELSE CASE WHEN u.id = o.payer_id THEN o.payee_id ELSE o.payer_id END END
LEFT JOIN notice_settings n ON n.user_id = u.id
LEFT JOIN LATERAL day_sums(u.id, c.summary_day, coalesce(n.time_zone, 'UTC')) day ON c.summary_day IS NOT NULL
