-- After the commit, in a transaction of its own: inside it, NOTIFY would take a lock that makes all
-- commits of the database take turns.
SELECT pg_notify('instapay_entries', $1::text)
