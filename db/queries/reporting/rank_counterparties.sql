-- With whom an account moved the most money from $2 to $3 (exclusive); system accounts are nobody.
SELECT u.id, u.username, u.display_name, e.transfers, e.received::text, e.sent::text
FROM (
  SELECT counterparty_id, count(*) AS transfers,
         coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS received,
         coalesce(sum(-amount) FILTER (WHERE amount < 0), 0) AS sent
  FROM entries
  WHERE account_id = $1::uuid AND amount <> 0
    AND seq > (SELECT entries_before($1::uuid, $2::timestamptz))
    AND seq <= (SELECT entries_before($1::uuid, $3::timestamptz))
  GROUP BY counterparty_id
) e
JOIN users u ON u.id = e.counterparty_id
ORDER BY e.received + e.sent DESC, e.transfers DESC, u.id
LIMIT 10
