-- Sessions that ended within the last $1 seconds, by the database's clock alone.
SELECT id FROM sessions WHERE revoked_at > now() - $1::integer * interval '1 second'
