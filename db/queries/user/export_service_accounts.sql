-- row: like list_service_accounts
SELECT a.id, a.wallet_id, a.created_by, a.name, array_to_string(a.scopes, ' ') AS scopes, a.payment_limit,
       a.daily_limit, a.limits_proven, a.created_at, a.expires_at, a.last_used_at, a.revoked_at,
       0::bigint AS ordered_today
FROM service_accounts a
WHERE a.wallet_id = $1::uuid AND a.id > $2::uuid
ORDER BY a.id
LIMIT 500
