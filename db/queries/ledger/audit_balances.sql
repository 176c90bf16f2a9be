-- Of a batch that differs from what was hashed: the entries whose balance does not follow from the
-- one before. Asked only then, so it may read all entries of those accounts.
SELECT account_id, transfer_id
FROM (SELECT account_id, transfer_id, chain_id, batch_seq, position, amount, balance_after,
             lag(balance_after, 1, 0::bigint) OVER (PARTITION BY account_id ORDER BY transfer_id)
               AS balance_before
      FROM entries
      WHERE account_id IN (SELECT account_id FROM entries
                           WHERE chain_id = $1::integer AND batch_seq = $2::bigint)) AS e
WHERE chain_id = $1::integer AND batch_seq = $2::bigint AND balance_after <> balance_before + amount
ORDER BY position
LIMIT 1
