-- The reference: one stored-function call, and so one commit, per transfer; what a careful
-- service does that uses PostgreSQL in the usual way. Its tables have the columns, checks,
-- indexes and storage parameters of the product's own, and as many accounts. It is spared
-- what the product does beyond that: triggers, e-mail look-ups, the hash chain, HTTP.
CREATE SCHEMA reference;
CREATE TABLE reference.accounts (LIKE public.accounts INCLUDING ALL);
CREATE TABLE reference.entries (LIKE public.entries INCLUDING ALL);

DO $$
DECLARE
  name text;
  options text;
BEGIN
  FOREACH name IN ARRAY ARRAY['accounts', 'entries'] LOOP
    SELECT array_to_string(reloptions, ', ') INTO options FROM pg_class
      WHERE oid = ('public.' || name)::regclass;
    IF options IS NOT NULL THEN
      EXECUTE format('ALTER TABLE reference.%I SET (%s)', name, options);
    END IF;
  END LOOP;
END $$;

-- Ids that a pgbench script can write down: their last digits are the account's number.
INSERT INTO reference.accounts (id, kind, balance)
  SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 0, 100000
  FROM generate_series(1, :accounts) AS n;
VACUUM ANALYZE reference.accounts;

CREATE FUNCTION reference.transfer(payer uuid, payee uuid, amount_minor bigint, key bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  transfer_id uuid := gen_random_uuid();
  now_at timestamptz := clock_timestamp();
  side record;
  active integer := 0;
  funds bigint;
  payer_after bigint;
  payee_after bigint;
BEGIN
  -- In the order of their ids: two transfers can wait for each other, but not in a circle.
  FOR side IN
    SELECT id, status, balance FROM reference.accounts
    WHERE id = ANY (ARRAY[payer, payee]) ORDER BY id FOR UPDATE
  LOOP
    active := active + (side.status = 0)::integer;
    IF side.id = payer THEN funds := side.balance; END IF;
  END LOOP;
  IF active <> 2 THEN RAISE EXCEPTION 'account unavailable'; END IF;
  IF funds < amount_minor THEN RAISE EXCEPTION 'insufficient funds'; END IF;
  UPDATE reference.accounts
    SET balance = balance - amount_minor, version = version + 1,
        sent_today = sent_today + amount_minor, last_entry_at = now_at
    WHERE id = payer RETURNING balance INTO payer_after;
  UPDATE reference.accounts
    SET balance = balance + amount_minor, version = version + 1, last_entry_at = now_at
    WHERE id = payee RETURNING balance INTO payee_after;
  INSERT INTO reference.entries (account_id, transfer_id, counterparty_id, amount, balance_after,
      created_at, batch_seq, chain_id, position, kind, idempotency_key, request_hash)
    VALUES
      (payer, transfer_id, payee, -amount_minor, payer_after, now_at, 0, 0, 0, 1, key, key),
      (payee, transfer_id, payer, amount_minor, payee_after, now_at, 0, 0, 0, 1, NULL, NULL);
  RETURN payer_after;
END $$;
