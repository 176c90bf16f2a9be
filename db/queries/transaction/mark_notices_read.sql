-- What happened to $1 up to the entry $2 and the event ($3, $4) is seen; a mark never moves back. No row: such a place has
-- not been told yet, and what comes before it would never be.
-- row: entry bigint
INSERT INTO notice_reads AS n (user_id, entry, xid, event_id)
SELECT a.id, $2::bigint, ($3::bigint)::text::xid8, $4::bigint
FROM account_states a
WHERE a.id = $1::uuid AND a.seq >= $2
  AND ($3::bigint)::text::xid8 < pg_snapshot_xmin(pg_current_snapshot())
ON CONFLICT (user_id) DO UPDATE
SET entry = greatest(n.entry, excluded.entry),
    xid = CASE WHEN (excluded.xid, excluded.event_id) > (n.xid, n.event_id) THEN excluded.xid ELSE n.xid END,
    event_id = CASE WHEN (excluded.xid, excluded.event_id) > (n.xid, n.event_id) THEN excluded.event_id
                    ELSE n.event_id END
RETURNING n.entry
