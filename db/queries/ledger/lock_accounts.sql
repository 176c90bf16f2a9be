-- Contested accounts queue up here. What they hold is read by a statement of its own
-- afterwards, which sees what the one before in the queue has written.
-- row: locked bigint
SELECT lock_accounts($1::uuid[]) AS locked
