UPDATE payment_requests
SET reminded_at = now()
WHERE id = $1::uuid AND payee_id = $2::uuid AND payer_id IS NOT NULL AND status = 0
  AND (expires_at IS NULL OR expires_at > now())
  AND (reminded_at IS NULL OR reminded_at <= now() - reminder_period())
  AND may_ask(payee_id, payer_id)
