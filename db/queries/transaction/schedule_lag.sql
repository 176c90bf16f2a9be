-- For how long the payment of a schedule or a mandate that has waited the longest for a worker has waited, in ms.
-- row: lag_ms bigint
SELECT coalesce(ceil(1000 * extract(epoch FROM now() - least(
  (SELECT min(try_at) FROM schedule_occurrences WHERE status = 0 AND try_at <= now()),
  (SELECT min(try_at) + interval '2 seconds' FROM mandate_draws WHERE status = 0 AND try_at <= now() - interval '2 seconds'),
  (SELECT d.next_at FROM schedules d
   WHERE d.status = 0 AND d.next_at <= now()
     AND NOT EXISTS (SELECT FROM schedule_occurrences o WHERE o.schedule_id = d.id AND o.status = 0)
   ORDER BY d.next_at LIMIT 1)))), 0)::bigint AS lag_ms
