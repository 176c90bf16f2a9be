-- The state of accounts. A wallet whose last entry is later than $3 and of a later day than $2 (days since
-- 1970, UTC) was written to while a clock ran ahead: what it has sent on that day is counted.
SELECT a.id, a.kind, a.status, a.transfer_limit, a.daily_limit, a.seq, a.balance, a.held,
       CASE WHEN a.kind = 0 AND a.last_entry_at > $3::timestamptz AND a.last_entry_at >= day.ends_at
            THEN (SELECT coalesce(-sum(amount), 0)::bigint FROM entries
                  WHERE account_id = a.id AND kind = 1 AND amount < 0
                    AND created_at >= day.begins_at AND created_at < day.ends_at)
            ELSE a.sent_today END,
       a.last_entry_at
FROM account_states a
CROSS JOIN (SELECT to_timestamp($2::integer * 86400::float8) AS begins_at,
                   to_timestamp(($2::integer + 1) * 86400::float8) AS ends_at) AS day
WHERE a.id = ANY ($1::uuid[])
