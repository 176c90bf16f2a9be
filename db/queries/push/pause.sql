-- Nothing is sent to the push service of push $1 for $2 seconds, twice as long each time in a row, $3 at most. Of those that
-- failed at once only the first counts.
-- row: none
INSERT INTO push_pauses AS p (origin, failures, ends_at)
SELECT o.origin, 1, now() + $2::integer * interval '1 second' FROM push_outbox o WHERE o.id = $1::bigint
ON CONFLICT (origin) DO UPDATE
SET failures = least(p.failures, 1000) + 1,
    ends_at = now() + least($2::integer * 2 ^ least(p.failures, 20), $3::integer) * interval '1 second'
WHERE p.ends_at <= now()
