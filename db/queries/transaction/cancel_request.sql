UPDATE payment_requests
SET status = 4, closed_at = now()
WHERE id = $1::uuid AND payee_id = $2::uuid AND status IN (0, 2)
  AND (expires_at IS NULL OR expires_at > now())
