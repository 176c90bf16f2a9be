-- How much of what happened to $1 lately is not seen yet, up to $3 of the newest $2 entries and events, and where the
-- newest stand.
-- row: unread bigint, entry bigint, xid bigint, event_id bigint
WITH walked AS MATERIALIZED (
  SELECT * FROM walk_notices($1::uuid, 9223372036854775807, '9223372036854775807'::xid8, 9223372036854775807, $2::integer)
), newest AS (
  SELECT w.xid, w.event_id FROM walked w WHERE w.is_event ORDER BY w.xid DESC, w.event_id DESC LIMIT 1
)
SELECT least((
         SELECT count(*) FROM walked w LEFT JOIN notice_reads m ON m.user_id = $1
         WHERE w.kind IS NOT NULL
           AND CASE WHEN w.is_event THEN (w.xid, w.event_id) > (coalesce(m.xid, '0'), coalesce(m.event_id, 0))
                    ELSE w.entry > coalesce(m.entry, 0) END), $3::bigint) AS unread,
       coalesce((SELECT max(entry) FROM walked), 0) AS entry,
       coalesce((SELECT xid::text::bigint FROM newest), 0) AS xid,
       coalesce((SELECT event_id FROM newest), 0) AS event_id
