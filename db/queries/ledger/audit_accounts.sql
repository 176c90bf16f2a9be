DECLARE audit_accounts NO SCROLL CURSOR FOR
SELECT id, kind, balance, sent_day, sent_today, last_entry_at FROM accounts
