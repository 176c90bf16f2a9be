-- The next occurrences that are still to come.
-- row: number integer, due_at timestamptz
SELECT n.number, n.due_at
FROM schedules s
CROSS JOIN LATERAL (
  SELECT g.number, occurrence_of(s, g.number) AS due_at
  FROM generate_series(s.next_number, s.next_number + $2::integer - 1) AS g (number)
) AS n
WHERE s.id = $1::uuid AND s.status = 0 AND n.due_at IS NOT NULL
ORDER BY n.number
LIMIT $2::integer
