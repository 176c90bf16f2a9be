-- Of the session $2, which may be another one of the same person.
-- row: session_id uuid
DELETE FROM session_pins WHERE session_id = $2::uuid AND user_id = $1::uuid RETURNING session_id
