-- What was folded, and how many roll-ups there are.
SELECT coalesce(sum(transfers), 0)::bigint,
       (SELECT count(*) FROM report_sums) + (SELECT count(*) FROM report_sketches),
       coalesce(sum(entries), 0)::bigint, coalesce(sum(amount), 0)::text
FROM report_chains
