-- What was sent or dropped two days ago, and what died a week ago; $1 at a time. And push services that failed a day ago.
-- row: purged bigint
WITH ended AS (
  DELETE FROM push_pauses WHERE ends_at < now() - interval '1 day'
), gone AS (
  DELETE FROM push_outbox
  WHERE id IN (SELECT id FROM push_outbox
               WHERE state <> 'pending' AND finished_at < now() - interval '2 days'
                 AND finished_at < now() - CASE state WHEN 'dead' THEN interval '7 days' ELSE interval '2 days' END
               ORDER BY finished_at
               LIMIT $1::integer
               FOR UPDATE SKIP LOCKED)
  RETURNING 1
)
SELECT count(*) AS purged FROM gone
