-- How many entries there are, about (for the progress display only), the currency, and the time.
-- row: entries bigint, currency text, now timestamptz
SELECT (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'entries'::regclass) AS entries,
       coalesce((SELECT code FROM ledger_currency), '') AS currency, clock_timestamp() AS now
