-- row: language text?, step_up_above bigint?, step_up_new_payees boolean
SELECT language, step_up_above, step_up_new_payees FROM users WHERE id = $1::uuid
