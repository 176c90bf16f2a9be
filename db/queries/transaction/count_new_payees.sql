-- How many of these people are not among those whom the user paid in their last entries.
SELECT count(*)
FROM unnest($2::uuid[]) AS p (id)
WHERE p.id NOT IN (
  SELECT e.counterparty_id
  FROM (
    SELECT counterparty_id, amount, kind
    FROM entries
    WHERE account_id = $1::uuid
    ORDER BY seq DESC
    LIMIT contact_entries()
  ) AS e
  WHERE e.amount < 0 AND e.kind IN (1, 8)
)
