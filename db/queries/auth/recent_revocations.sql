-- What access tokens may not know of yet: sessions, service accounts and their credentials that ended, and roles and
-- second factors that changed, within the last $1 seconds, by the database's clock alone.
-- row: id uuid, role text?, factor_version bigint
SELECT id, NULL AS role, 0::bigint AS factor_version
FROM sessions
WHERE revoked_at > now() - $1::integer * interval '1 second'
UNION ALL
SELECT id, role, factor_version FROM users WHERE role_changed_at > now() - $1::integer * interval '1 second'
UNION ALL
SELECT id, NULL, 0 FROM service_accounts WHERE revoked_at > now() - $1::integer * interval '1 second'
UNION ALL
SELECT id, NULL, 0 FROM service_credentials WHERE revoked_at > now() - $1::integer * interval '1 second'
