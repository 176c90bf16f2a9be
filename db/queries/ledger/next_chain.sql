SELECT nextval('ledger_chain_ids')::integer
