-- The operators' log, newest first, after the entry ($1, $2, $3) and from $4 on: what somebody did to an
-- account that is not theirs, or to the status of their own. An adjustment is told by the wallet's entry, a refund by who gives back. What a wallet's
-- own program ordered is no action of an operator, nor is what payees do with what is held for them; a service account
-- of the platform is named by its own name.
SELECT e.created_at, e.account_id, e.seq, e.transfer_id, e.actor_id, e.kind, e.amount, e.change, e.note,
       e.refund_of, s.username, coalesce(s.display_name, m.name), a.username, a.display_name
FROM (
  SELECT *
  FROM entries
  WHERE actor_id IS NOT NULL AND kind <> 1
    AND NOT EXISTS (SELECT FROM service_accounts o WHERE o.id = actor_id)
    AND account_id NOT IN ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002')
    AND (amount <= 0 OR kind = 4) AND kind < 6
    AND (created_at, account_id, seq) < ($1::timestamptz, $2::uuid, $3::bigint)
    AND created_at >= $4::timestamptz
    AND ($5::uuid IS NULL OR actor_id = $5::uuid)
    AND ($6::uuid IS NULL OR account_id = $6::uuid)
    AND ($7::smallint IS NULL OR kind = $7::smallint)
  ORDER BY created_at DESC, account_id DESC, seq DESC
  LIMIT $8::integer
) e
LEFT JOIN users s ON s.id = e.account_id
LEFT JOIN service_accounts m ON m.id = e.account_id
LEFT JOIN users a ON a.id = e.actor_id
ORDER BY e.created_at DESC, e.account_id DESC, e.seq DESC
