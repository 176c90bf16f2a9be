-- The names of the IANA database that this server knows, without the tree's other copies of it.
SELECT name
FROM pg_timezone_names
WHERE name NOT LIKE 'posix%' AND name NOT LIKE 'right/%' AND name <> 'localtime'
