-- The invariant of the ledger: all balances sum to zero. Reads the last entry of every account.
-- row: minor total
SELECT coalesce(sum(balance), 0)::text AS minor FROM account_states
