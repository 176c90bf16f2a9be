-- The same hash under another key, unless it was changed meanwhile.
UPDATE session_pins SET key_id = $3::bytea, sealed_hash = $4::bytea
WHERE session_id = $1::uuid AND sealed_hash = $2::bytea
RETURNING session_id
