SELECT t.confirmed_at, (SELECT count(*) FROM recovery_codes r WHERE r.user_id = u.id AND r.used_at IS NULL),
       u.step_up_above, u.step_up_new_payees
FROM users u
LEFT JOIN totp_factors t ON t.user_id = u.id AND t.confirmed_at IS NOT NULL
WHERE u.id = $1::uuid
