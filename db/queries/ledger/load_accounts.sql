-- The state of accounts, locked against writers until the transaction ends, in the order of id.
SELECT id, kind, status, balance, version, sent_day, sent_today, transfer_limit, daily_limit,
       last_entry_at
FROM accounts
WHERE id = ANY ($1::uuid[])
ORDER BY id
FOR UPDATE
