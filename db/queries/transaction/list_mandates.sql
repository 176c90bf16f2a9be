-- Somebody's mandates, newest first: as payer ($5), as payee ($6), or all; without proposals of those whom they have
-- blocked. Each side is read by its own index.
-- row: like find_mandate
SELECT m.id, m.payer_id, m.payer_username, m.payer_name, m.payee_id, m.payee_username, m.payee_name, m.per_draw, m.per_month,
       m.note, m.state, m.time_zone, m.created_at, m.accepted_at, m.expires_at, m.ended_at, m.end_reason, m.left_this_month,
       m.next_amount, m.next_due_at
FROM (
  (SELECT d.id
   FROM mandate_details d
   WHERE $5::boolean AND d.payer_id = $1::uuid AND ($2::uuid IS NULL OR d.id < $2::uuid)
     AND ($3::smallint IS NULL OR d.state = $3::smallint)
     AND NOT (d.state = 0
              AND EXISTS (SELECT FROM request_blocks b WHERE b.user_id = $1::uuid AND b.blocked_id = d.payee_id))
   ORDER BY d.id DESC
   LIMIT $4::integer)
  UNION ALL
  (SELECT d.id
   FROM mandate_details d
   WHERE $6::boolean AND d.payee_id = $1::uuid AND ($2::uuid IS NULL OR d.id < $2::uuid)
     AND ($3::smallint IS NULL OR d.state = $3::smallint)
   ORDER BY d.id DESC
   LIMIT $4::integer)
  ORDER BY id DESC
  LIMIT $4::integer
) AS page
JOIN mandate_details m ON m.id = page.id
ORDER BY m.id DESC
