-- Whether one of two has paid the other, in the last entries of either: by a capture too, which is a payment as any.
CREATE OR REPLACE FUNCTION have_paid(one uuid, other uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM (VALUES (one, other), (other, one)) AS pair (own, counterparty)
    CROSS JOIN LATERAL (
      SELECT e.counterparty_id, e.kind FROM entries e
      WHERE e.account_id = pair.own ORDER BY e.seq DESC LIMIT contact_entries()
    ) AS last
    WHERE last.counterparty_id = pair.counterparty AND last.kind IN (1, 8))
$$;
