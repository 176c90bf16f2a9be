SELECT balance, status FROM accounts WHERE id = $1::uuid
