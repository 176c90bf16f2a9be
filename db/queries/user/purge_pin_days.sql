-- Sums of days that are over.
-- row: none
DELETE FROM pin_days WHERE day < (now() AT TIME ZONE 'UTC')::date - 1
