-- Versioned write: takes effect for all accounts, or ends the batch with IP001.
WITH written AS (
  UPDATE accounts a
  SET balance = v.balance, version = a.version + 1, sent_day = v.sent_day,
      sent_today = v.sent_today, last_entry_at = v.last_entry_at
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::integer[], $5::bigint[],
              $6::timestamptz[]) AS v (id, version, balance, sent_day, sent_today, last_entry_at)
  WHERE a.id = v.id AND a.version = v.version
  RETURNING 1
)
SELECT require_rows((SELECT count(*) FROM written), cardinality($1))
