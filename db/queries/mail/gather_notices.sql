-- Makes mails of what is to be told about occurrences of schedules: the payer that one waits, both sides that one has
-- failed. By who sends mails, so that where nobody does none pile up; what has failed long ago is not told any more.
-- row: gathered bigint
WITH due AS (
  SELECT id, notice
  FROM schedule_occurrences
  WHERE notice <> 0
  ORDER BY id
  LIMIT $1::integer
  FOR UPDATE SKIP LOCKED
), told AS (
  UPDATE schedule_occurrences o
  SET notice = 0
  FROM due
  WHERE o.id = due.id
  RETURNING o.id, o.payer_id, o.payee_id, due.notice, coalesce(o.finished_at, now()) AS since
), mails AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, occurrence_id, expires_at)
  SELECT gen_random_uuid(), m.kind || '/' || t.id, m.kind, m.user_id, t.id, now() + interval '3 days'
  FROM told t
  JOIN LATERAL (VALUES (1, 'schedule_waits', t.payer_id), (2, 'schedule_failed', t.payer_id),
                       (2, 'schedule_not_received', t.payee_id)) AS m (notice, kind, user_id) ON m.notice = t.notice
  WHERE t.since > now() - interval '3 days'
  ON CONFLICT (event_key) DO NOTHING
)
SELECT count(*) AS gathered FROM told
