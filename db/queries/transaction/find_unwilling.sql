-- Who of several people does not let somebody ask them for money, by their places in the list.
-- row: place bigint
SELECT person.place
FROM unnest($2::uuid[]) WITH ORDINALITY AS person (id, place)
WHERE NOT may_ask($1::uuid, person.id)
ORDER BY person.place
LIMIT 50
