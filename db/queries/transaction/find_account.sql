SELECT balance, status FROM account_states WHERE id = $1::uuid
