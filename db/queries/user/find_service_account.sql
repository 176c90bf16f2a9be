-- row: like list_service_accounts
SELECT a.id, a.wallet_id, a.created_by, a.name, array_to_string(a.scopes, ' ') AS scopes, a.payment_limit,
       a.daily_limit, a.limits_proven, a.created_at, a.expires_at, a.last_used_at, a.revoked_at,
       coalesce((SELECT d.ordered FROM service_account_days d
                 WHERE d.account_id = a.id AND d.day = (now() AT TIME ZONE 'UTC')::date), 0) AS ordered_today
FROM service_accounts a
WHERE a.id = $1::uuid AND a.wallet_id IS NOT DISTINCT FROM $2::uuid
