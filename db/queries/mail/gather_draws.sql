-- As gather_notices.sql, of what is drawn by mandates: the payer is told that one is to come or waits, both sides that one
-- has failed.
-- row: gathered bigint
WITH due AS (
  SELECT id, notice
  FROM mandate_draws
  WHERE notice <> 0
  ORDER BY id
  LIMIT $1::integer
  FOR UPDATE SKIP LOCKED
), told AS (
  UPDATE mandate_draws d
  SET notice = 0
  FROM due
  WHERE d.id = due.id
  RETURNING d.id, d.payer_id, d.payee_id, due.notice, d.due_at,
            CASE due.notice WHEN 3 THEN d.announced_at ELSE coalesce(d.finished_at, now()) END AS since
), mails AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, draw_id, expires_at)
  SELECT gen_random_uuid(), m.kind || '/' || t.id, m.kind, m.user_id, t.id,
         CASE t.notice WHEN 3 THEN t.due_at ELSE now() + interval '3 days' END
  FROM told t
  JOIN LATERAL (VALUES (3, 'draw_announced', t.payer_id), (1, 'draw_waits', t.payer_id), (2, 'draw_failed', t.payer_id),
                       (2, 'draw_not_received', t.payee_id)) AS m (notice, kind, user_id) ON m.notice = t.notice
  WHERE t.since > now() - interval '3 days'
  ON CONFLICT (event_key) DO NOTHING
)
SELECT count(*) AS gathered FROM told
