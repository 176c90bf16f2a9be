INSERT INTO request_settings (user_id, from_anyone)
VALUES ($1::uuid, $2::boolean)
ON CONFLICT (user_id) DO UPDATE SET from_anyone = excluded.from_anyone
