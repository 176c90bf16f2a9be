-- Who ids (kind 0), e-mail addresses (1) and usernames (2) stand for; `place` is the one of the name in its array.
SELECT 0 AS kind, n.place, u.id
FROM unnest($1::text[]) WITH ORDINALITY AS n (id, place)
JOIN users u ON u.id = n.id::uuid
UNION ALL
SELECT 1, n.place, u.id
FROM unnest($2::text[]) WITH ORDINALITY AS n (email, place)
JOIN users u ON u.email = n.email
UNION ALL
SELECT 2, n.place, u.id
FROM unnest($3::text[]) WITH ORDINALITY AS n (username, place)
JOIN users u ON u.username = n.username
