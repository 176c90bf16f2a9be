-- What stands now where a batch was noted, in the order asked, and with which number its chain ends.
-- row: hash bytea?, last_seq bigint?
SELECT b.hash,
       (SELECT max(l.seq) FROM ledger_batches l WHERE l.chain_id = n.chain_id) AS last_seq
FROM unnest($1::integer[], $2::bigint[]) WITH ORDINALITY AS n (chain_id, seq, place)
LEFT JOIN ledger_batches b ON b.chain_id = n.chain_id AND b.seq = n.seq
ORDER BY n.place
