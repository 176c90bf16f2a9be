-- What somebody has set aside for others or others for them, after the one of $2, oldest first.
SELECT h.id, h.payer_id, h.payer_username, h.payer_name, h.payee_id, h.payee_username, h.payee_name, h.amount, h.captured,
       h.captures, h.note, h.state, h.created_at, h.expires_at, h.ended_at
FROM (
  (SELECT id FROM holds WHERE payer_id = $1::uuid AND id > $2::uuid ORDER BY id LIMIT 500)
  UNION ALL
  (SELECT id FROM holds WHERE payee_id = $1::uuid AND id > $2::uuid ORDER BY id LIMIT 500)
  ORDER BY id
  LIMIT 500
) AS page
JOIN hold_details h ON h.id = page.id
ORDER BY h.id
