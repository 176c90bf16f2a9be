-- One account's statement from $2 to $3 (exclusive) in one snapshot: in each row what it held before and at the
-- end, and one of its first $5 entries, oldest first; one row without an entry where there is none. Times by the
-- clocks of zone $4 come as if they were UTC.
-- row: opening bigint, closing bigint, read_at timestamptz, read_local timestamptz, begins_local timestamptz,
--      ends_local timestamptz, transfer_id uuid?, kind smallint?, amount bigint?, balance_after bigint?,
--      created_at timestamptz?, created_local timestamptz?, note text?, refund_of uuid?, username text?,
--      display_name text?
SELECT balances.opening, balances.closing, now() AS read_at,
       (now() AT TIME ZONE $4::text) AT TIME ZONE 'UTC' AS read_local,
       ($2::timestamptz AT TIME ZONE $4::text) AT TIME ZONE 'UTC' AS begins_local,
       (($3::timestamptz - interval '1 microsecond') AT TIME ZONE $4::text) AT TIME ZONE 'UTC' AS ends_local,
       e.transfer_id, e.kind, e.amount, e.balance_after, e.created_at,
       (e.created_at AT TIME ZONE $4::text) AT TIME ZONE 'UTC' AS created_local, e.note, e.refund_of,
       u.username, u.display_name
FROM (
  SELECT first, last,
         coalesce((SELECT balance_after FROM entries WHERE account_id = $1::uuid AND seq = first), 0) AS opening,
         coalesce((SELECT balance_after FROM entries WHERE account_id = $1::uuid AND seq = last), 0) AS closing
  FROM (SELECT entries_before($1::uuid, $2::timestamptz) AS first,
               entries_before($1::uuid, $3::timestamptz) AS last
        OFFSET 0) places
) balances
LEFT JOIN LATERAL (
  SELECT *
  FROM entries
  WHERE account_id = $1::uuid AND seq > balances.first AND seq <= balances.last AND amount <> 0
  ORDER BY seq
  LIMIT $5::integer
) e ON true
LEFT JOIN users u ON u.id = e.counterparty_id
ORDER BY e.seq
