-- Challenges that are long too old to be answered, whatever the clocks of the services say, $1 at a time.
-- row: none
DELETE FROM spent_challenges
WHERE challenge_hash IN (SELECT challenge_hash FROM spent_challenges
                         WHERE expires_at < now() - interval '1 hour'
                         ORDER BY expires_at
                         LIMIT $1::integer)
