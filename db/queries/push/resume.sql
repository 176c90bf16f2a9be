-- The push service of push $1 answers again.
-- row: none
DELETE FROM push_pauses WHERE origin = (SELECT o.origin FROM push_outbox o WHERE o.id = $1::bigint)
