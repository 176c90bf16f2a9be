-- row: chain_id integer
SELECT open_chain($1::text) AS chain_id
