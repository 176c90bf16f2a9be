-- What has become of a schedule's occurrences before the one of $2, newest first.
-- row: number integer, status smallint, due_at timestamptz, amount bigint, transfer_id uuid?, finished_at timestamptz?,
-- try_at timestamptz, refusal text?
SELECT number, status, due_at, amount, transfer_id, finished_at, try_at, refusal
FROM schedule_occurrences
WHERE schedule_id = $1::uuid AND number < $2::bigint
ORDER BY number DESC
LIMIT $3::integer
