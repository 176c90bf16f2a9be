-- What a payment between the two would run into now.
-- row: payer_status smallint, transfer_limit bigint?, payee_status smallint?
SELECT payer.status AS payer_status, payer.transfer_limit, payee.status AS payee_status
FROM accounts payer
LEFT JOIN accounts payee ON payee.id = $2::uuid AND payee.kind = 0
WHERE payer.id = $1::uuid
