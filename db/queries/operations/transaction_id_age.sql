-- How many transactions the oldest row that is not frozen has seen, in any database of the server.
-- row: age bigint
SELECT max(greatest(age(datfrozenxid), mxid_age(datminmxid)))::bigint AS age FROM pg_database
