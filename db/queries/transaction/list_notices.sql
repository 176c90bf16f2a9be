-- A page of what happened to $1: $5 notices of entries below the number $2 and $5 of events below the place ($3, $4), each
-- newest first, among $6 that are looked at. `is_end`: where looking stopped; there may be more below.
-- row: is_event boolean, is_end boolean, entry bigint, xid bigint, event_id bigint, happened_at timestamptz, kind text?, is_unread boolean, amount bigint?, person_id uuid?, username text?, display_name text?, note text?, details text?, transfer_id uuid?, request_id uuid?, hold_id uuid?, schedule_id uuid?, mandate_id uuid?
WITH walked AS MATERIALIZED (
  SELECT w.*,
         row_number() OVER (PARTITION BY w.is_event, w.kind IS NULL
                            ORDER BY w.entry DESC, w.xid DESC, w.event_id DESC) AS place,
         row_number() OVER (PARTITION BY w.is_event ORDER BY w.entry DESC, w.xid DESC, w.event_id DESC) AS looked_at
  FROM walk_notices($1::uuid, $2::bigint, ($3::bigint)::text::xid8, $4::bigint, $6::integer) w
), page AS (
  SELECT false AS is_end, w.* FROM walked w WHERE w.kind IS NOT NULL AND w.place <= $5::integer
  UNION ALL
  SELECT true, w.* FROM walked w WHERE w.looked_at = $6
)
SELECT p.is_event, p.is_end, p.entry, p.xid::text::bigint AS xid, p.event_id, p.happened_at, p.kind,
       CASE WHEN p.is_event THEN (p.xid, p.event_id) > (coalesce(m.xid, '0'), coalesce(m.event_id, 0))
            ELSE p.entry > coalesce(m.entry, 0) END AS is_unread,
       coalesce(abs(e.amount), r.amount, CASE WHEN p.kind = 'hold_captured' THEN h.captured ELSE h.amount END,
                o.amount, d.amount, g.per_draw) AS amount,
       u.id AS person_id, u.username, u.display_name, coalesce(e.note, r.note, d.note, g.note) AS note,
       CASE WHEN p.kind = 'request_declined' THEN r.decline_reason ELSE nullif(p.details, '') END AS details,
       p.transfer_id, p.request_id, p.hold_id, o.schedule_id, g.id AS mandate_id
FROM page p
LEFT JOIN notice_reads m ON m.user_id = $1
LEFT JOIN entries e ON NOT p.is_event AND e.account_id = $1 AND e.seq = p.entry
LEFT JOIN payment_requests r ON r.id = p.request_id
LEFT JOIN holds h ON h.id = p.hold_id
LEFT JOIN schedule_occurrences o ON o.id = p.occurrence_id
LEFT JOIN user_events v ON p.is_event AND v.id = p.event_id AND v.mandate_id IS NOT NULL
LEFT JOIN mandates g ON g.id = v.mandate_id
LEFT JOIN mandate_draws d ON d.id = v.draw_id
LEFT JOIN users u ON u.id = CASE
  WHEN e.seq IS NOT NULL THEN e.counterparty_id
  WHEN r.id IS NOT NULL THEN CASE WHEN r.payee_id = $1 THEN r.payer_id ELSE r.payee_id END
  WHEN h.id IS NOT NULL THEN CASE WHEN h.payee_id = $1 THEN h.payer_id ELSE h.payee_id END
  WHEN g.id IS NOT NULL THEN CASE WHEN g.payee_id = $1 THEN g.payer_id ELSE g.payee_id END
  ELSE CASE WHEN o.payee_id = $1 THEN o.payer_id ELSE o.payee_id END END
ORDER BY p.is_event, p.entry DESC, p.xid DESC, p.event_id DESC, p.is_end
