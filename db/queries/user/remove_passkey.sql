-- row: verdict text
SELECT remove_passkey($1::uuid, $2::uuid) AS verdict
