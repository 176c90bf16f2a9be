-- row: cancelled boolean
SELECT cancel_draw($1::uuid, $2::uuid) AS cancelled
