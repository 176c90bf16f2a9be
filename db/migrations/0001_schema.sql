-- The data model: docs/architecture.md, "Money and data model".
-- Every table that holds money is keyed by account, and no constraint spans accounts, so that
-- accounts and entries can be distributed by account (Citus).

-- Roles: one a service, with the least it needs. They cannot log in; a login role is made a
-- member, and each service does SET ROLE. Roles belong to the cluster and may exist already.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['instapay_user', 'instapay_transaction', 'instapay_reporting'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
    EXECUTE format('GRANT %I TO CURRENT_USER', name);
  END LOOP;
END $$;

CREATE TABLE users (
  id            uuid PRIMARY KEY,
  username      text NOT NULL,
  email         text NOT NULL,
  display_name  text NOT NULL,
  password_hash text NOT NULL,
  role          text NOT NULL DEFAULT 'user',
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT users_email_key UNIQUE (email),
  CONSTRAINT users_username_key UNIQUE (username),
  CONSTRAINT users_email_lower CHECK (email = lower(email) AND length(email) <= 254),
  CONSTRAINT users_username_format CHECK (username ~ '^[a-z0-9][a-z0-9_.-]{2,31}$'),
  CONSTRAINT users_display_name_length CHECK (length(display_name) BETWEEN 1 AND 64),
  CONSTRAINT users_role CHECK (role IN ('user', 'operator', 'auditor'))
);
-- Search by prefix in the operator console.
CREATE INDEX users_email_prefix ON users (email text_pattern_ops);
CREATE INDEX users_username_prefix ON users (username text_pattern_ops);

-- A session is a family of refresh tokens: it begins at login and ends as a whole.
CREATE TABLE sessions (
  id           uuid PRIMARY KEY,
  user_id      uuid NOT NULL,
  user_agent   text NOT NULL DEFAULT '',
  address      text NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  revoked_at   timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id) WHERE revoked_at IS NULL;
-- Services ask for recent revocations every second.
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE refresh_tokens (
  token_hash  bytea PRIMARY KEY,
  session_id  uuid NOT NULL,
  issued_at   timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  replaced_at timestamptz,
  replaced_by bytea,
  CONSTRAINT refresh_tokens_hash_length CHECK (length(token_hash) = 32)
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- kind: 0 wallet, 1 system. status: 0 active, 1 frozen, 2 closed. A wallet's id is its user's id.
CREATE TABLE accounts (
  id             uuid PRIMARY KEY,
  kind           smallint NOT NULL,
  status         smallint NOT NULL DEFAULT 0,
  balance        bigint NOT NULL DEFAULT 0,
  version        bigint NOT NULL DEFAULT 0,   -- grows with every change of the row
  sent_day       integer NOT NULL DEFAULT 0,  -- days since 1970, UTC: what sent_today counts
  sent_today     bigint NOT NULL DEFAULT 0,
  transfer_limit bigint,                      -- overrides the platform's, in minor units
  daily_limit    bigint,
  last_entry_at  timestamptz NOT NULL DEFAULT 'epoch',
  created_at     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT accounts_kind CHECK (kind IN (0, 1)),
  CONSTRAINT accounts_status CHECK (status IN (0, 1, 2)),
  CONSTRAINT accounts_balance CHECK (kind = 1 OR balance >= 0),
  CONSTRAINT accounts_balance_range CHECK (balance BETWEEN -9000000000000000 AND 9000000000000000),
  CONSTRAINT accounts_limits CHECK (transfer_limit >= 0 AND daily_limit >= 0 AND sent_today >= 0)
  -- A balance changes all the time: half of each page is left free, so that the new version of
  -- the row stays in its page and no index is touched (HOT).
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- The two ends of all money: opening grants come from 1, deposits and withdrawals meet 2.
INSERT INTO accounts (id, kind) VALUES
  ('00000000-0000-0000-0000-000000000001', 1),
  ('00000000-0000-0000-0000-000000000002', 1);

-- One row per side of a transfer. kind: 1 transfer, 2 refund, 3 opening, 4 adjustment.
-- Fixed-width columns first and widest first: no padding.
CREATE TABLE entries (
  account_id      uuid NOT NULL,
  transfer_id     uuid NOT NULL,
  counterparty_id uuid NOT NULL,
  refund_of       uuid,
  amount          bigint NOT NULL,
  balance_after   bigint NOT NULL,
  created_at      timestamptz NOT NULL,
  batch_seq       bigint NOT NULL,
  chain_id        integer NOT NULL,
  position        integer NOT NULL,           -- of the transfer in its batch
  kind            smallint NOT NULL,
  idempotency_key bytea,                      -- first 16 bytes of its SHA-256; payer's side only
  request_hash    bytea,                      -- the same of what was asked
  note            text,
  PRIMARY KEY (account_id, transfer_id),
  CONSTRAINT entries_amount CHECK (amount <> 0 AND amount BETWEEN -9000000000000000 AND 9000000000000000),
  CONSTRAINT entries_two_accounts CHECK (account_id <> counterparty_id),
  CONSTRAINT entries_kind CHECK (kind BETWEEN 1 AND 4),
  CONSTRAINT entries_key CHECK (idempotency_key IS NULL OR (amount < 0 AND request_hash IS NOT NULL)),
  CONSTRAINT entries_note CHECK (length(note) <= 140)
);
-- A key is good for ever, in the same row as the money.
CREATE UNIQUE INDEX entries_idempotency ON entries (account_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX entries_refunds ON entries (account_id, refund_of) WHERE refund_of IS NOT NULL;
-- Rows arrive in the order of time: reports over a range read just its blocks.
CREATE INDEX entries_created ON entries USING brin (created_at) WITH (pages_per_range = 32, autosummarize = on);

-- Each committer has a chain of its own. A batch of no transfers with void = true is the mark that
-- settles a lost COMMIT: what it stands in place of can never commit (docs/ledger.md).
CREATE TABLE ledger_batches (
  chain_id       integer NOT NULL,
  seq            bigint NOT NULL,
  prev_hash      bytea NOT NULL,
  merkle_root    bytea NOT NULL,
  hash           bytea NOT NULL,
  transfer_count integer NOT NULL,
  void           boolean NOT NULL DEFAULT false,
  committed_at   timestamptz NOT NULL,
  PRIMARY KEY (chain_id, seq),
  CONSTRAINT ledger_batches_hashes CHECK (
    length(prev_hash) = 32 AND length(merkle_root) = 32 AND length(hash) = 32),
  CONSTRAINT ledger_batches_count CHECK (
    CASE WHEN void THEN transfer_count = 0 ELSE transfer_count > 0 END)
);
CREATE SEQUENCE ledger_chain_ids AS integer;

-- Append-only, whoever asks: rights come first, these catch the owner too.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_batches_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_batches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER accounts_kept BEFORE DELETE OR TRUNCATE ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Double entry, guarded by the database too: what a statement inserts sums to zero.
CREATE FUNCTION require_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount) FROM inserted) <> 0 THEN
    RAISE EXCEPTION 'entries do not balance' USING ERRCODE = 'IP003';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_balanced AFTER INSERT ON entries
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION require_balanced();

-- Ends a batch whose accounts were changed by someone else in the meantime.
CREATE FUNCTION require_rows(got bigint, want bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF got <> want THEN
    RAISE EXCEPTION 'expected % rows, got %', want, got USING ERRCODE = 'IP001';
  END IF;
  RETURN got;
END $$;

GRANT SELECT, INSERT, UPDATE ON users, sessions TO instapay_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_tokens TO instapay_user;
GRANT DELETE ON sessions TO instapay_user;
GRANT SELECT, INSERT, UPDATE ON accounts TO instapay_user;
GRANT SELECT, UPDATE ON accounts TO instapay_transaction;
GRANT SELECT, INSERT ON entries, ledger_batches TO instapay_user, instapay_transaction;
GRANT USAGE ON SEQUENCE ledger_chain_ids TO instapay_user, instapay_transaction;
GRANT SELECT (id, username, email, display_name, role, created_at, updated_at) ON users
  TO instapay_transaction, instapay_reporting;
GRANT SELECT (id, revoked_at) ON sessions TO instapay_transaction, instapay_reporting;
GRANT SELECT ON accounts, entries, ledger_batches TO instapay_reporting;
