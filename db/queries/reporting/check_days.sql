-- The days that any roll-up is of. (Those of the longest length are looked up by the days in them.)
SELECT DISTINCT date_bin('1 day', begins_at, timestamptz '1970-01-01 00:00Z')
FROM (SELECT minutes, begins_at FROM report_sums UNION ALL SELECT minutes, begins_at FROM report_sketches) buckets
WHERE minutes <= 1440
ORDER BY 1
