SELECT a.id, a.transfer_limit, a.daily_limit, a.sent_day, a.sent_today
FROM accounts a
JOIN users u ON u.id = a.id
WHERE a.id = $1::uuid
