-- A range as a caller gave it, and the beginnings of its periods on the wall clock of zone $1.
-- The start is day $2 or time $3, the end is the end of day $4 or time $5 (days count from
-- 1970-01-01); without an end it is today, without a start the 30 days before the end. $6 is hour,
-- day, week, month, year, or null for no periods.
--
-- A day begins with its first moment. Where clocks go back across midnight, midnight comes twice,
-- and PostgreSQL takes the later one; where they skip it, PostgreSQL takes the moment of the skip.
WITH ending AS (
  SELECT CASE WHEN $5::timestamptz IS NULL
              THEN coalesce(date '1970-01-01' + $4::integer, (now() AT TIME ZONE $1::text)::date)
         END AS day
), starting AS (
  SELECT CASE WHEN $3::timestamptz IS NULL
              THEN coalesce(date '1970-01-01' + $2::integer,
                            coalesce(day, (($5 - interval '1 microsecond') AT TIME ZONE $1)::date)
                            - 29)
         END AS day
  FROM ending
), range AS MATERIALIZED (
  SELECT starting.day AS first_day, ending.day AS last_day,
         coalesce($3, CASE WHEN (b.late - interval '1 hour') AT TIME ZONE $1 = b.midnight
                           THEN b.late - interval '1 hour' ELSE b.late END) AS begins,
         coalesce($5, CASE WHEN (e.late - interval '1 hour') AT TIME ZONE $1 = e.midnight
                           THEN e.late - interval '1 hour' ELSE e.late END) AS ends
  FROM starting
  CROSS JOIN ending
  CROSS JOIN LATERAL (SELECT starting.day::timestamp AS midnight,
                             starting.day::timestamp AT TIME ZONE $1 AS late) AS b
  CROSS JOIN LATERAL (SELECT (ending.day + 1)::timestamp AS midnight,
                             (ending.day + 1)::timestamp AT TIME ZONE $1 AS late) AS e
), covered AS (
  -- Nobody asked for the rest of today.
  SELECT begins,
         CASE WHEN $4 IS NULL AND $5 IS NULL THEN least(ends, now()) ELSE ends END
         - interval '1 microsecond' AS last_moment
  FROM range
), periods AS (
  -- In steps of half an hour, since some clocks are changed by that.
  SELECT date_trunc('hour', step, $1) AS begins
  FROM covered
  CROSS JOIN LATERAL generate_series(date_trunc('hour', begins, $1), last_moment,
                                     interval '30 minutes') AS step
  WHERE $6::text = 'hour'
  UNION
  SELECT CASE WHEN (late - interval '1 hour') AT TIME ZONE $1 = local
              THEN late - interval '1 hour' ELSE late END
  FROM covered
  CROSS JOIN LATERAL generate_series(date_trunc($6, begins AT TIME ZONE $1),
                                     last_moment AT TIME ZONE $1,
                                     ('1 ' || $6)::interval) AS local
  CROSS JOIN LATERAL (SELECT local AT TIME ZONE $1 AS late) AS midnight
  WHERE $6 <> 'hour'
)
SELECT range.begins, range.ends, to_char(first_day, 'YYYY-MM-DD'), to_char(last_day, 'YYYY-MM-DD'),
       periods.begins
FROM range
LEFT JOIN periods ON true
ORDER BY periods.begins
