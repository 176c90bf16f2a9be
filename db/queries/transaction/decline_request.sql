UPDATE payment_requests
SET status = 3, closed_at = now(), decline_reason = $3::text
WHERE id = $1::uuid AND payer_id = $2::uuid AND status = 0
  AND (expires_at IS NULL OR expires_at > now())
