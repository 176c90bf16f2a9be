-- row: verdict text
SELECT ask_email_change($1::uuid, $2::uuid, $3::text) AS verdict
