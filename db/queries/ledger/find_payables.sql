-- The requests that are to be paid, as they are now.
SELECT id, payee_id, payer_id, amount, expires_at, status
FROM payment_requests
WHERE id = ANY ($1::uuid[])
