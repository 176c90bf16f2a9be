-- To whom something happened besides entries from a transaction on, and up to which this is known.
SELECT known.upto::text::bigint, news.user_id
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS upto) known
LEFT JOIN LATERAL (
  SELECT user_id FROM request_events
  WHERE xid >= ($1::bigint)::text::xid8 AND xid < known.upto
  UNION
  SELECT user_id FROM user_events
  WHERE xid >= ($1::bigint)::text::xid8 AND xid < known.upto
) news ON true
