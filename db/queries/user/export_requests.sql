-- The requests that somebody made or was asked by, after the one of $2, oldest first.
SELECT r.id, r.payee_id, r.payee_username, r.payee_name, r.payer_id, r.payer_username, r.payer_name, r.amount, r.note,
       r.state, r.created_at, r.expires_at, r.paid_at, r.closed_at, r.reminded_at, r.decline_reason, r.transfer_id,
       r.refunded, r.code, r.split_id
FROM (
  (SELECT id FROM payment_requests WHERE payee_id = $1::uuid AND id > $2::uuid ORDER BY id LIMIT 500)
  UNION ALL
  (SELECT id FROM payment_requests WHERE payer_id = $1::uuid AND id > $2::uuid ORDER BY id LIMIT 500)
  ORDER BY id
  LIMIT 500
) AS page
JOIN payment_request_details r ON r.id = page.id
ORDER BY r.id
