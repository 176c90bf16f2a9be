-- row: id uuid, kind smallint, status smallint, transfer_limit bigint?, daily_limit bigint?, frozen_by_owner boolean
DECLARE audit_accounts NO SCROLL CURSOR FOR
SELECT id, kind, status, transfer_limit, daily_limit, frozen_by_owner FROM accounts
