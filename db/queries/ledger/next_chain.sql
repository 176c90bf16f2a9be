SELECT open_chain($1::text)
