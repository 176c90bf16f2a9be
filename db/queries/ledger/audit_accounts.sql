-- row: id uuid, kind smallint, status smallint, transfer_limit bigint?, daily_limit bigint?
DECLARE audit_accounts NO SCROLL CURSOR FOR
SELECT id, kind, status, transfer_limit, daily_limit FROM accounts
