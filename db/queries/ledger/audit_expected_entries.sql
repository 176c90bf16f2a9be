-- For the progress display only.
SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'entries'::regclass
