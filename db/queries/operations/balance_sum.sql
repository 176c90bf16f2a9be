-- The invariant of the ledger: all balances sum to zero. Reads the last entry of every account.
SELECT coalesce(sum(balance), 0)::bigint FROM account_states
