-- row: none
UPDATE mandates m
SET status = 2, ended_at = now(), end_reason = 'payer'
WHERE id = $1::uuid AND payer_id = $2::uuid AND status = 0 AND mandate_ends(m) > now()
