-- How long the oldest push has waited that is still to be sent, in seconds, also one that is tried again later, how many
-- will not be sent any more, and how many browsers are told.
-- row: lag_s bigint, dead bigint, browsers bigint
SELECT coalesce(ceil(extract(epoch FROM now() - (
         SELECT min(created_at) FROM push_outbox WHERE state = 'pending'))), 0)::bigint AS lag_s,
       (SELECT count(*) FROM push_outbox WHERE state = 'dead') AS dead,
       (SELECT count(*) FROM push_subscriptions) AS browsers
