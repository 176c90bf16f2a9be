-- Whom an account paid in its last entries and can pay again, each once, most recent first.
SELECT u.id, u.username, u.display_name
FROM (
  SELECT e.counterparty_id AS id, max(e.seq) AS seq
  FROM (
    SELECT counterparty_id, amount, kind, seq
    FROM entries
    WHERE account_id = $1::uuid
    ORDER BY seq DESC
    LIMIT contact_entries()
  ) AS e
  WHERE e.amount < 0 AND e.kind IN (1, 8)
  GROUP BY e.counterparty_id
) AS paid
JOIN users u ON u.id = paid.id
JOIN accounts a ON a.id = paid.id
WHERE a.status <> 2
ORDER BY paid.seq DESC
LIMIT $2::integer
