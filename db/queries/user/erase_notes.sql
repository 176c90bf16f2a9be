-- row: erased bigint
SELECT erase_notes($1::uuid[], $2::bigint[], $3::bytea[]) AS erased
