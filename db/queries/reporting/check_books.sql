-- Double entry: all entries together are nothing. What is folded is added up already; the rest may have $1
-- transfers.
SELECT (folded.amount + open.amount)::text, (SELECT count(*) FROM accounts), (folded.entries + open.entries)::bigint
FROM (SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(entries), 0) AS entries FROM report_chains) folded
CROSS JOIN (
  SELECT coalesce(sum(amount), 0) AS amount, count(*) AS entries FROM open_entries($1::bigint)
) open
