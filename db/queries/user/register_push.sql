-- The browser of session $3 of user $2 is told from now on (register_push()). No row: the session has ended. IP016: the
-- address is of another browser.
-- row: like list_push_subscriptions
SELECT p.id, p.session_id, s.user_agent, p.created_at, p.last_success_at
FROM register_push($1::uuid, $2::uuid, $3::uuid, $4::text, $5::bytea, $6::bytea, $7::text) p
JOIN sessions s ON s.id = p.session_id
