-- Whether the follower $1 has taken batches that are not there: what it made is of another book, such as the one
-- before a backup was restored.
-- row: ahead boolean
SELECT EXISTS (
  SELECT FROM chain_places c
  WHERE c.follower = $1::integer AND c.seq > 0
    AND NOT EXISTS (SELECT FROM ledger_batches WHERE chain_id = c.chain_id AND seq >= c.seq)) AS ahead
