-- How many users there are, and what is in circulation: all that the system accounts owe.
SELECT (SELECT count(*) FROM users),
       (SELECT (-coalesce(sum(balance), 0))::text FROM account_states
        WHERE id IN ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'))
