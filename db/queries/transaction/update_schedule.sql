-- From the next occurrence on. $4: the note changes; $6: when that one is due, where the rule changes; $10: the end changes.
-- row: none
UPDATE schedules
SET amount = coalesce($3::bigint, amount),
    note = CASE WHEN $4::boolean THEN $5::text ELSE note END,
    starts = coalesce($6::text::timestamp, starts),
    first_number = CASE WHEN $6::text IS NULL THEN first_number ELSE next_number END,
    time_zone = coalesce($7::text, time_zone),
    repeats = coalesce($8::smallint, repeats),
    every = coalesce($9::integer, every),
    ends_on = CASE WHEN $10::boolean THEN $11::text::date ELSE ends_on END,
    last_number = CASE WHEN $10::boolean THEN $12::integer ELSE last_number END
WHERE id = $1::uuid AND payer_id = $2::uuid AND status IN (0, 1) AND next_at IS NOT NULL
