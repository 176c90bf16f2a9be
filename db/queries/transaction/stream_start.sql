-- Where a stream begins: the account's last entry, and the oldest transaction that is under way. $1: the account.
SELECT coalesce((SELECT seq FROM account_states WHERE id = $1::uuid), 0),
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint
