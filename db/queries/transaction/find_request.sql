SELECT id, payee_id, payee_username, payee_name, payer_id, payer_username, payer_name, amount, note, state,
       created_at, expires_at, paid_at, closed_at, reminded_at, decline_reason, transfer_id, refunded, code,
       split_id
FROM payment_request_details
WHERE id = $1::uuid
