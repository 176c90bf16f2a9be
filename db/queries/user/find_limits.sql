SELECT a.id, a.transfer_limit, a.daily_limit, a.last_entry_at, a.sent_today
FROM account_states a
JOIN users u ON u.id = a.id
WHERE a.id = $1::uuid
