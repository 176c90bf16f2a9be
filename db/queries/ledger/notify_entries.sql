-- In a transaction of its own: NOTIFY takes a lock that makes all such commits take turns.
SELECT pg_notify('instapay_entries', $1::text)
