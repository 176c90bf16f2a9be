-- What all wallets hold together is what the two system accounts owe: two probes, however many wallets.
-- row: minor total, wallets bigint
SELECT (-coalesce(sum(balance), 0))::text AS minor,
       (SELECT count(*) FROM accounts WHERE kind = 0)
         - (SELECT count(*) FROM service_accounts WHERE wallet_id IS NULL) AS wallets
FROM account_states
WHERE id IN ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002')
