-- What service accounts ordered on days that are long over.
-- row: none
DELETE FROM service_account_days WHERE day < (now() AT TIME ZONE 'UTC')::date - 35
