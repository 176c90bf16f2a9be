-- What an account held before $2 and before $3; nothing before its first entry.
SELECT coalesce((SELECT balance_after FROM entries
                 WHERE account_id = $1::uuid AND seq = entries_before($1::uuid, $2::timestamptz)), 0),
       coalesce((SELECT balance_after FROM entries
                 WHERE account_id = $1::uuid AND seq = entries_before($1::uuid, $3::timestamptz)), 0)
