DECLARE audit_accounts NO SCROLL CURSOR FOR
SELECT id, kind, status, transfer_limit, daily_limit FROM accounts
