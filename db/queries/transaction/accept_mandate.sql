-- row: none
UPDATE mandates m
SET status = 1, accepted_at = now(), time_zone = $3::text
WHERE id = $1::uuid AND payer_id = $2::uuid AND status = 0 AND mandate_ends(m) > now()
