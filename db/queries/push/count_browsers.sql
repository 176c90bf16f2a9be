-- row: browsers bigint
SELECT count(*) AS browsers FROM push_subscriptions
