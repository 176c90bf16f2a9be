SELECT transfer_id FROM entries WHERE account_id = $1::uuid ORDER BY transfer_id DESC LIMIT 1
