-- Whom a user paid in their last entries, each once.
SELECT u.id, u.username, u.display_name
FROM (
  SELECT DISTINCT e.counterparty_id AS id
  FROM (
    SELECT counterparty_id, amount, kind
    FROM entries
    WHERE account_id = $1::uuid
    ORDER BY seq DESC
    LIMIT contact_entries()
  ) AS e
  WHERE e.amount < 0 AND e.kind IN (1, 8)
) AS paid
JOIN users u ON u.id = paid.id
WHERE u.erased_at IS NULL
