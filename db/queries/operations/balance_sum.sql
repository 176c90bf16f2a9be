-- The invariant of the ledger: all balances sum to zero. Reads the last entry of every account.
SELECT coalesce(sum(balance), 0)::text FROM account_states
