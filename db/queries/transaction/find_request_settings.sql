SELECT from_anyone FROM request_settings WHERE user_id = $1::uuid
