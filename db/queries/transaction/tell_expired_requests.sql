SELECT tell_expired_requests()::text
