-- The state of accounts. Where the last entry of a wallet is later than $3 and of a later day than the one that
-- begins at $2, a clock ran ahead when it was written: what the wallet has sent today is what the last entry says
-- that is not of a later day. Whether its address is verified is looked up only where that matters ($4).
-- row: id uuid, kind smallint, status smallint, transfer_limit bigint?, daily_limit bigint?, seq bigint,
--      balance bigint, held bigint, sent_today bigint, last_entry_at timestamptz?, frozen_by_owner boolean, unverified boolean
SELECT a.id, a.kind, a.status, a.transfer_limit, a.daily_limit, a.seq, a.balance, a.held,
       CASE WHEN a.kind = 0 AND a.last_entry_at > $3::timestamptz AND a.last_entry_at >= day.ends_at
            THEN coalesce((SELECT CASE WHEN e.created_at >= day.begins_at THEN e.sent_today ELSE 0 END
                           FROM entries e
                           WHERE e.account_id = a.id AND e.created_at < day.ends_at
                           ORDER BY e.seq DESC
                           LIMIT 1), 0)
            ELSE a.sent_today END AS sent_today,
       a.last_entry_at, a.frozen_by_owner,
       a.kind = 0 AND $4::boolean
         AND NOT coalesce((SELECT u.email_verified_at IS NOT NULL FROM users u WHERE u.id = a.id), false) AS unverified
FROM account_states a
CROSS JOIN (SELECT $2::timestamptz AS begins_at, $2::timestamptz + interval '24 hours' AS ends_at) AS day
WHERE a.id = ANY ($1::uuid[])
