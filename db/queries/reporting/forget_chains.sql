UPDATE report_chains SET seq = 0, transfers = 0, entries = 0, amount = 0
