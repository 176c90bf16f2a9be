-- What happened to an account's requests, holds and otherwise after an event (its transaction $2 and number $3), in the
-- order of the transactions; the requests as they are now. What those did whom the reader blocks is not told.
SELECT r.id, r.payee_id, r.payee_username, r.payee_name, r.payer_id, r.payer_username, r.payer_name,
       r.amount, r.note, r.state, r.created_at, r.expires_at, r.paid_at, r.closed_at, r.reminded_at,
       r.decline_reason, r.transfer_id, r.refunded, r.code, r.split_id,
       v.change, v.happened_at, v.xid::text::bigint, v.id, v.hold_id
FROM (
  (SELECT e.xid, e.id, e.happened_at, e.change, e.request_id, e.hold_id
   FROM request_events e
   LEFT JOIN payment_requests q ON q.id = e.request_id
   WHERE e.user_id = $1::uuid
     AND (e.xid, e.id) > (($2::bigint)::text::xid8, $3::bigint)
     AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
     AND NOT EXISTS (SELECT FROM request_blocks b WHERE b.user_id = $1::uuid AND b.blocked_id = q.payee_id)
   ORDER BY e.xid, e.id
   LIMIT 100)
  UNION ALL
  (SELECT u.xid, u.id, u.happened_at, NULL, NULL, NULL
   FROM user_events u
   WHERE u.user_id = $1::uuid
     AND (u.xid, u.id) > (($2::bigint)::text::xid8, $3::bigint)
     AND u.xid < pg_snapshot_xmin(pg_current_snapshot())
   ORDER BY u.xid, u.id
   LIMIT 100)
  ORDER BY xid, id
  LIMIT 100
) v
LEFT JOIN payment_request_details r ON r.id = v.request_id
ORDER BY v.xid, v.id
