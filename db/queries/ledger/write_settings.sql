-- Status and limits of the accounts that control entries of the same transaction change.
-- row: none
UPDATE accounts a
SET status = v.status, transfer_limit = v.transfer_limit, daily_limit = v.daily_limit,
    frozen_by_owner = v.frozen_by_owner = 1
FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::smallint[])
  AS v (id, status, transfer_limit, daily_limit, frozen_by_owner)
WHERE a.id = v.id
