-- The invariant of the ledger: all balances sum to zero. Wallets alone: what is in circulation.
SELECT coalesce(sum(balance), 0)::bigint,
       coalesce(sum(balance) FILTER (WHERE kind = 0), 0)::bigint,
       count(*) FILTER (WHERE kind = 0)
FROM account_states
