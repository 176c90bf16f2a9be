SELECT seq FROM account_states WHERE id = $1::uuid
