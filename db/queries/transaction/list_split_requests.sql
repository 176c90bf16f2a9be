-- The requests of a split, in the order in which the people were named, and their shares.
SELECT r.id, r.payee_id, r.payee_username, r.payee_name, r.payer_id, r.payer_username, r.payer_name, r.amount, r.note,
       r.state, r.created_at, r.expires_at, r.paid_at, r.closed_at, r.reminded_at, r.decline_reason, r.transfer_id,
       r.refunded, r.code, r.split_id, part.shares
FROM split_requests part
JOIN payment_request_details r ON r.id = part.request_id
WHERE part.split_id = $1::uuid
ORDER BY part.position
LIMIT 50
