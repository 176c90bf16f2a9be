-- A browser that its push service does not know any more, and all that waits for it.
-- row: none
DELETE FROM push_subscriptions WHERE id = $1::uuid
