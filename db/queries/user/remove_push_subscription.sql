-- row: none
DELETE FROM push_subscriptions WHERE id = $2::uuid AND user_id = $1::uuid
