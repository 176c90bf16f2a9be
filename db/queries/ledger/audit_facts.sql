-- How many entries there are, about (for the progress display only), the currency, and the time.
SELECT (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'entries'::regclass),
       coalesce((SELECT code FROM ledger_currency), ''), clock_timestamp()
