-- When a draw that is announced now would be due, on which day that is where the payer is, and what the limit of that
-- month leaves until it begins anew.
-- row: due_at timestamptz, is_day boolean, month_left bigint, resets_at timestamptz
SELECT p.due_at, coalesce(day_of(p.due_at, p.time_zone) = p.day, true) AND p.due_at <= now() + draw_horizon() AS is_day,
       p.per_month - drawn_in(p.id, month_of(p.due_at, p.time_zone)) AS month_left,
       day_begins((month_of(p.due_at, p.time_zone) + interval '1 month')::date, p.time_zone) AS resets_at
FROM (
  SELECT m.id, m.per_month, coalesce(m.time_zone, 'UTC') AS time_zone, $2::text::date AS day,
         greatest(now() + draw_notice(), day_begins($2::text::date, coalesce(m.time_zone, 'UTC'))) AS due_at
  FROM mandates m
  WHERE m.id = $1::uuid
) AS p
