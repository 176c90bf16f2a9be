-- For how long the hold that has waited the longest for a worker has waited, in ms.
-- row: lag_ms bigint
SELECT coalesce(ceil(1000 * extract(epoch FROM now() - (
  SELECT min(try_at) FROM holds WHERE status = 0 AND try_at <= now()))), 0)::bigint AS lag_ms
