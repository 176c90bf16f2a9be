-- Who e-mail addresses and usernames stand for; `place` is the one of the name in its array.
SELECT true AS is_email, n.place, u.id
FROM unnest($1::text[]) WITH ORDINALITY AS n (email, place)
JOIN users u ON u.email = n.email
UNION ALL
SELECT false, n.place, u.id
FROM unnest($2::text[]) WITH ORDINALITY AS n (username, place)
JOIN users u ON u.username = n.username
