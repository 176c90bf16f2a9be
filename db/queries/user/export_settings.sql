-- row: language text?, step_up_above bigint?, step_up_new_payees boolean, pin_per_payment bigint?, pin_per_day bigint?
SELECT language, step_up_above, step_up_new_payees, pin_per_payment, pin_per_day FROM users WHERE id = $1::uuid
