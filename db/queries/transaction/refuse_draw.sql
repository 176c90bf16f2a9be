-- row: outcome text
SELECT refuse_draw($1::uuid, $2::integer, $3::text, $4::boolean) AS outcome
