-- The requests, occurrences of schedules and draws of mandates that are to be paid, as they are now.
-- row: id uuid, payee_id uuid, payer_id uuid?, amount bigint?, expires_at timestamptz?, status smallint
SELECT id, payee_id, payer_id, amount, expires_at, status
FROM payment_requests
WHERE id = ANY ($1::uuid[])
UNION ALL
SELECT id, payee_id, payer_id, amount, NULL, (CASE WHEN status IN (0, 1) THEN status ELSE 4 END)::smallint
FROM schedule_occurrences
WHERE id = ANY ($1::uuid[])
UNION ALL
SELECT d.id, d.payee_id, d.payer_id, d.amount, m.expires_at, (CASE WHEN d.status IN (0, 1) THEN d.status ELSE 4 END)::smallint
FROM mandate_draws d
JOIN mandates m ON m.id = d.mandate_id
WHERE d.id = ANY ($1::uuid[])
