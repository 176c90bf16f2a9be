-- In a transaction of its own: NOTIFY takes a lock that makes all such commits take turns.
-- row: pg_notify void
SELECT pg_notify('instapay_entries', $1::text)
