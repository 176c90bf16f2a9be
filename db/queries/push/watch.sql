-- For how long the push has waited that is due the longest, in seconds, and how many will not be sent any more. What waits
-- for a push service that pauses counts until it is tried, and of browsers that were reached before: addresses that somebody
-- made up raise no alarm.
-- row: lag_s bigint, dead bigint
SELECT coalesce(ceil(extract(epoch FROM now() - (
         SELECT o.next_attempt_at
         FROM push_outbox o
         WHERE o.state = 'pending' AND o.next_attempt_at <= now()
           AND (o.origin NOT IN (SELECT p.origin FROM push_pauses p WHERE p.ends_at > now())
                OR o.attempts = 0 AND EXISTS (SELECT FROM push_subscriptions s
                                              WHERE s.id = o.subscription_id AND s.last_success_at IS NOT NULL))
         ORDER BY o.next_attempt_at
         LIMIT 1))), 0)::bigint AS lag_s,
       (SELECT count(*) FROM push_outbox WHERE state = 'dead') AS dead
