-- Status and limits of the accounts that control entries of the same transaction change.
-- row: none
UPDATE accounts a
SET status = v.status, transfer_limit = v.transfer_limit, daily_limit = v.daily_limit
FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[]) AS v (id, status, transfer_limit, daily_limit)
WHERE a.id = v.id
