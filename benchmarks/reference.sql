-- The reference: one stored-function call, and so one commit, per transfer; what a careful
-- service does that uses PostgreSQL in the usual way. Its tables have the columns, checks,
-- indexes and storage parameters of the product's first release, and as many accounts. They are
-- written down here, so that the reference stays the same whatever becomes of the product's own.
-- It is spared what the product does beyond that: triggers, e-mail look-ups, the hash chain, HTTP.
CREATE SCHEMA reference;

CREATE TABLE reference.accounts (
  id             uuid PRIMARY KEY,
  kind           smallint NOT NULL,
  status         smallint NOT NULL DEFAULT 0,
  balance        bigint NOT NULL DEFAULT 0,
  version        bigint NOT NULL DEFAULT 0,
  sent_day       integer NOT NULL DEFAULT 0,
  sent_today     bigint NOT NULL DEFAULT 0,
  transfer_limit bigint,
  daily_limit    bigint,
  last_entry_at  timestamptz NOT NULL DEFAULT 'epoch',
  created_at     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT accounts_kind CHECK (kind IN (0, 1)),
  CONSTRAINT accounts_status CHECK (status IN (0, 1, 2)),
  CONSTRAINT accounts_balance CHECK (kind = 1 OR balance >= 0),
  CONSTRAINT accounts_balance_range CHECK (balance BETWEEN -9000000000000000 AND 9000000000000000),
  CONSTRAINT accounts_limits CHECK (transfer_limit >= 0 AND daily_limit >= 0 AND sent_today >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE reference.entries (
  account_id      uuid NOT NULL,
  transfer_id     uuid NOT NULL,
  counterparty_id uuid NOT NULL,
  refund_of       uuid,
  amount          bigint NOT NULL,
  balance_after   bigint NOT NULL,
  created_at      timestamptz NOT NULL,
  batch_seq       bigint NOT NULL,
  chain_id        integer NOT NULL,
  position        integer NOT NULL,
  kind            smallint NOT NULL,
  idempotency_key bytea,
  request_hash    bytea,
  note            text,
  PRIMARY KEY (account_id, transfer_id),
  CONSTRAINT entries_amount CHECK (amount <> 0 AND amount BETWEEN -9000000000000000 AND 9000000000000000),
  CONSTRAINT entries_two_accounts CHECK (account_id <> counterparty_id),
  CONSTRAINT entries_kind CHECK (kind BETWEEN 1 AND 4),
  CONSTRAINT entries_key CHECK (idempotency_key IS NULL OR (amount < 0 AND request_hash IS NOT NULL)),
  CONSTRAINT entries_note CHECK (length(note) <= 140)
);
CREATE UNIQUE INDEX entries_idempotency ON reference.entries (account_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX entries_refunds ON reference.entries (account_id, refund_of) WHERE refund_of IS NOT NULL;
CREATE INDEX entries_blocks ON reference.entries USING brin (created_at, chain_id, batch_seq)
  WITH (pages_per_range = 32, autosummarize = on);

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
