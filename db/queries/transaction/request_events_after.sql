-- What happened to an account's requests and holds after an event (its transaction $2 and number $3), in the order of
-- the transactions; the requests as they are now. What those did whom the reader blocks is not told.
SELECT r.id, r.payee_id, r.payee_username, r.payee_name, r.payer_id, r.payer_username, r.payer_name,
       r.amount, r.note, r.state, r.created_at, r.expires_at, r.paid_at, r.closed_at, r.reminded_at,
       r.decline_reason, r.transfer_id, r.refunded, r.code, r.split_id,
       v.change, v.happened_at, v.xid::text::bigint, v.id, v.hold_id
FROM request_events v
LEFT JOIN payment_request_details r ON r.id = v.request_id
WHERE v.user_id = $1::uuid
  AND (v.xid, v.id) > (($2::bigint)::text::xid8, $3::bigint)
  AND v.xid < pg_snapshot_xmin(pg_current_snapshot())
  AND NOT EXISTS (SELECT FROM request_blocks b WHERE b.user_id = $1::uuid AND b.blocked_id = r.payee_id)
ORDER BY v.xid, v.id
LIMIT 100
