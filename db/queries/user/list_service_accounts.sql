-- The service accounts of a wallet ($1), or of the platform (NULL), the newest first; those that ended more than 30
-- days ago are left out.
-- row: id uuid, wallet_id uuid?, created_by uuid, name text, scopes text, payment_limit bigint?, daily_limit bigint?, limits_proven boolean, created_at timestamptz, expires_at timestamptz?, last_used_at timestamptz?, revoked_at timestamptz?, ordered_today bigint
SELECT a.id, a.wallet_id, a.created_by, a.name, array_to_string(a.scopes, ' ') AS scopes, a.payment_limit,
       a.daily_limit, a.limits_proven, a.created_at, a.expires_at, a.last_used_at, a.revoked_at,
       coalesce((SELECT d.ordered FROM service_account_days d
                 WHERE d.account_id = a.id AND d.day = (now() AT TIME ZONE 'UTC')::date), 0) AS ordered_today
FROM service_accounts a
WHERE a.wallet_id IS NOT DISTINCT FROM $1::uuid
  AND coalesce(least(a.revoked_at, a.expires_at), 'infinity') > now() - interval '30 days'
ORDER BY a.created_at DESC, a.id
LIMIT 100
