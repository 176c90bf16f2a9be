-- The data model: docs/architecture.md, "Money and data model"; the ledger: docs/ledger.md.
-- Every table that holds money is keyed by account, and no foreign key spans accounts, so that
-- accounts and entries can be distributed by account (Citus).

-- Roles: one a service, with the least it needs. They cannot log in; a login role is made a
-- member, and each service does SET ROLE. Roles belong to the cluster. Where the owner of the schema
-- may not make any, they exist already (deploy/postgres/roles.sh): who may make roles may become the
-- server's operating system user.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['instapay_user', 'instapay_transaction', 'instapay_reporting', 'instapay_jobs'] LOOP
    BEGIN
      IF to_regrole(name) IS NULL THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- made meanwhile, for another database of this cluster
    END;
    EXECUTE format('GRANT %I TO CURRENT_USER', name);
  END LOOP;
END $$;

-- The functions below that run with their owner's rights look into this schema only: what somebody makes in
-- a temporary schema of their own stands behind it.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE TABLE users (
  id              uuid PRIMARY KEY,
  username        text NOT NULL,
  email           text NOT NULL,
  display_name    text NOT NULL,
  password_hash   text NOT NULL,
  role            text NOT NULL DEFAULT 'user',
  role_changed_at timestamptz,               -- access tokens carry the role: services ask whose changed
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  erased_at       timestamptz,               -- name, addresses and password are gone
  CONSTRAINT users_email_key UNIQUE (email),
  CONSTRAINT users_username_key UNIQUE (username),
  CONSTRAINT users_email_lower CHECK (email = lower(email) AND length(email) <= 254),
  CONSTRAINT users_username_format CHECK (username ~ '^[a-z0-9][a-z0-9_.-]{2,31}$'),
  CONSTRAINT users_display_name_length CHECK (length(display_name) BETWEEN 1 AND 64),
  CONSTRAINT users_role CHECK (role IN ('user', 'operator', 'auditor')),
  -- The names of who was erased are nobody else's.
  CONSTRAINT users_erased_names CHECK (
    erased_at IS NOT NULL OR (username NOT LIKE 'erased-%' AND email NOT LIKE '%@erased.invalid'))
);
-- Search by prefix in the operator console.
CREATE INDEX users_email_prefix ON users (email text_pattern_ops);
CREATE INDEX users_username_prefix ON users (username text_pattern_ops);
CREATE INDEX users_role_changed ON users (role_changed_at) WHERE role_changed_at IS NOT NULL;

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
  -- The successor of an exchanged token, masked with a hash of that token, which is stored nowhere:
  -- only who presents the old token again can be given the same successor.
  successor   bytea,
  CONSTRAINT refresh_tokens_hash_length CHECK (length(token_hash) = 32),
  CONSTRAINT refresh_tokens_successor_length CHECK (length(successor) = 32)
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- What does not change with payments. kind: 0 wallet, 1 system. status: 0 active, 1 frozen,
-- 2 closed. A wallet's id is its user's id. Status and limits change together with an entry of kind
-- `control`, which says who changed what, and which a payment planned on the state before runs into.
CREATE TABLE accounts (
  id             uuid PRIMARY KEY,
  kind           smallint NOT NULL,
  status         smallint NOT NULL DEFAULT 0,
  transfer_limit bigint,                     -- overrides the platform's, in minor units
  daily_limit    bigint,
  created_at     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT accounts_kind CHECK (kind IN (0, 1)),
  CONSTRAINT accounts_status CHECK (status IN (0, 1, 2)),
  CONSTRAINT accounts_limits CHECK (transfer_limit >= 0 AND daily_limit >= 0)
);

-- The two ends of all money: opening grants come from 1, adjustments meet 2.
INSERT INTO accounts (id, kind) VALUES
  ('00000000-0000-0000-0000-000000000001', 1),
  ('00000000-0000-0000-0000-000000000002', 1);

-- An account is the sequence of its entries, and its state is the last one. The primary key is the
-- optimistic lock: who was planned on an older state finds its next number taken.
--
-- kind: 1 transfer, 2 refund, 3 opening, 4 adjustment (two entries, one on each side);
--       5 control, 6 hold, 7 release (one entry, the amount is 0); 8 capture (two entries).
-- Wide columns of fixed width first: no padding.
-- The rules of an entry are in check_entries() below: PostgreSQL would read CHECK constraints anew for
-- each statement, which costs a small batch more than writing its rows.
CREATE TABLE entries (
  account_id       uuid NOT NULL,
  transfer_id      uuid NOT NULL,
  counterparty_id  uuid NOT NULL,            -- kind control: who did it
  refund_of        uuid,                     -- the transfer that is given back
  reference        uuid,                     -- what is paid, e.g. a payment request
  actor_id         uuid,                     -- who ordered it, when that is not the payer
  seq              bigint NOT NULL,          -- of the account's entries: 1, 2, 3, …
  counterparty_seq bigint NOT NULL,          -- of the other side's entry; 0: there is none
  amount           bigint NOT NULL,          -- minor units; negative: paid
  balance_after    bigint NOT NULL,
  held_after       bigint NOT NULL DEFAULT 0,
  held_change      bigint,                   -- NULL: none
  sent_today       bigint NOT NULL,          -- by payments on the UTC day of created_at, so far
  created_at       timestamptz NOT NULL,
  batch_seq        bigint NOT NULL,
  chain_id         integer NOT NULL,
  position         integer NOT NULL,         -- of the transfer in its batch
  kind             smallint NOT NULL,
  idempotency_key  bytea,                    -- first 16 bytes of its SHA-256; the payer's side only
  request_hash     bytea,                    -- the same of the request as it was sent
  refused_items    text,                     -- of a request of many: which were refused, and why
  change           text,                     -- kind control: what before, what after (JSON)
  note             text,
  note_hash        bytea,                    -- of a note that was erased
  PRIMARY KEY (account_id, seq)
);
-- One key is one request of one principal, for ever: of the actor, or else of the payer.
CREATE UNIQUE INDEX entries_idempotency ON entries ((coalesce(actor_id, account_id)), idempotency_key)
  WHERE idempotency_key IS NOT NULL;
-- Looking a transfer up by its id: the payer's entry, which names the other side's.
CREATE INDEX entries_transfers ON entries (transfer_id) WHERE amount <= 0;
CREATE INDEX entries_refunds ON entries (account_id, refund_of) WHERE refund_of IS NOT NULL;
-- The operators' log, newest first.
CREATE INDEX entries_actions ON entries (created_at, account_id, seq) WHERE actor_id IS NOT NULL;
-- Rows arrive in the order of time: reports over a range read just its blocks, and receipts find what
-- their batch wrote elsewhere.
CREATE INDEX entries_blocks ON entries USING brin (created_at, chain_id, batch_seq)
  WITH (pages_per_range = 32, autosummarize = on);

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
  secret         bytea,                      -- blinds what one side alone knows (docs/decisions/0011)
  PRIMARY KEY (chain_id, seq),
  CONSTRAINT ledger_batches_hashes CHECK (
    length(prev_hash) = 32 AND length(merkle_root) = 32 AND length(hash) = 32),
  CONSTRAINT ledger_batches_count CHECK (
    CASE WHEN void THEN transfer_count = 0 ELSE transfer_count > 0 END),
  CONSTRAINT ledger_batches_secret CHECK (
    CASE WHEN void THEN secret IS NULL ELSE secret IS NOT NULL AND length(secret) = 32 END)
);
CREATE SEQUENCE ledger_chain_ids AS integer;

-- The currency of all amounts, said once by the first service that writes.
CREATE TABLE ledger_currency (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  code text NOT NULL
);

-- A chain for one committer. IP006: the ledger's amounts are of another currency.
CREATE FUNCTION open_chain(currency text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  written text;
BEGIN
  INSERT INTO ledger_currency (code) VALUES (currency) ON CONFLICT DO NOTHING;
  SELECT code INTO written FROM ledger_currency;
  IF written <> currency THEN
    RAISE EXCEPTION 'the ledger is in %, not in %', written, currency USING ERRCODE = 'IP006';
  END IF;
  RETURN nextval('ledger_chain_ids');
END $$;

-- Append-only, whoever asks: rights come first, these catch the owner too.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER entries_append_only BEFORE DELETE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_batches_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_batches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER accounts_kept BEFORE DELETE OR TRUNCATE ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The one change that an entry may see: the text of its note goes, its hash stays.
CREATE FUNCTION allow_only_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept entries := NEW;
BEGIN
  kept.note := OLD.note;
  kept.note_hash := OLD.note_hash;
  IF kept IS DISTINCT FROM OLD OR OLD.note IS NULL OR NEW.note IS NOT NULL OR length(NEW.note_hash) IS DISTINCT FROM 32 THEN
    RAISE EXCEPTION 'entries is append-only' USING ERRCODE = 'IP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entries_only_erased BEFORE UPDATE ON entries
  FOR EACH ROW EXECUTE FUNCTION allow_only_erasure();

CREATE FUNCTION erase_notes(accounts uuid[], seqs bigint[], hashes bytea[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  WITH erased AS (
    UPDATE entries e SET note = NULL, note_hash = n.hash
    FROM unnest(accounts, seqs, hashes) AS n (account_id, seq, hash)
    WHERE e.account_id = n.account_id AND e.seq = n.seq AND e.note IS NOT NULL
    RETURNING 1
  )
  SELECT count(*) FROM erased
$$;

-- Entries written before the one before them (docs/ledger.md, "Planning ahead"): that must be there
-- when their transaction commits. The table is empty between transactions.
CREATE TABLE awaited_entries (
  account_id     uuid NOT NULL,
  seq            bigint NOT NULL,
  balance_before bigint NOT NULL,
  held_before    bigint NOT NULL,
  PRIMARY KEY (account_id, seq)
);
CREATE FUNCTION check_awaited_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM FROM entries
  WHERE account_id = NEW.account_id AND seq = NEW.seq - 1
    AND balance_after = NEW.balance_before AND held_after = NEW.held_before;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'entry % of account % does not follow from the one before', NEW.seq, NEW.account_id
      USING ERRCODE = 'IP005';
  END IF;
  DELETE FROM awaited_entries WHERE account_id = NEW.account_id AND seq = NEW.seq;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER awaited_entries_follow AFTER INSERT ON awaited_entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_awaited_entry();

-- Each entry is sound (IP007), what a statement inserts sums to zero (IP003), and each entry follows from
-- the one before (IP005). One query for all of a batch.
CREATE FUNCTION check_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  total numeric;
  unsound bigint;
  broken bigint;
  early bigint;
BEGIN
  SELECT sum(i.amount),
         count(*) FILTER (WHERE NOT (
           i.seq > 0 AND i.counterparty_seq >= 0 AND i.kind BETWEEN 1 AND 8
           AND i.amount BETWEEN -9000000000000000 AND 9000000000000000
           AND i.account_id <> i.counterparty_id
           AND (i.amount = 0) = (i.kind IN (5, 6, 7)) AND (i.amount = 0) = (i.counterparty_seq = 0)
           AND i.balance_after BETWEEN -9000000000000000 AND 9000000000000000
           AND i.held_after >= 0 AND i.sent_today >= 0
           AND (i.balance_after >= i.held_after OR i.account_id IN (
             '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'))
           AND CASE WHEN i.idempotency_key IS NULL THEN i.request_hash IS NULL AND i.refused_items IS NULL
                    ELSE i.request_hash IS NOT NULL AND i.amount <= 0 END
           AND (i.kind = 5) = (i.change IS NOT NULL) AND (i.kind <> 5 OR i.actor_id IS NOT NULL)
           AND (i.note IS NULL OR length(i.note) <= 140) AND i.note_hash IS NULL)),
         count(*) FILTER (WHERE
           i.balance_after <> i.amount + CASE WHEN i.seq = 1 THEN 0 ELSE p.balance_after END
           OR i.held_after <> coalesce(i.held_change, 0) + CASE WHEN i.seq = 1 THEN 0 ELSE p.held_after END
           OR (i.seq = 1 AND NOT EXISTS (SELECT FROM accounts a WHERE a.id = i.account_id))),
         count(*) FILTER (WHERE i.seq > 1 AND p.seq IS NULL)
    INTO total, unsound, broken, early
  FROM inserted i
  LEFT JOIN entries p ON p.account_id = i.account_id AND p.seq = i.seq - 1;
  IF unsound > 0 THEN
    RAISE EXCEPTION '% entries break the rules of one entry', unsound USING ERRCODE = 'IP007';
  END IF;
  IF total <> 0 THEN
    RAISE EXCEPTION 'entries do not balance' USING ERRCODE = 'IP003';
  END IF;
  IF broken > 0 THEN
    RAISE EXCEPTION '% entries do not follow from the ones before', broken USING ERRCODE = 'IP005';
  END IF;
  IF early > 0 THEN
    INSERT INTO awaited_entries (account_id, seq, balance_before, held_before)
    SELECT i.account_id, i.seq, i.balance_after - i.amount, i.held_after - coalesce(i.held_change, 0)
    FROM inserted i
    LEFT JOIN entries p ON p.account_id = i.account_id AND p.seq = i.seq - 1
    WHERE i.seq > 1 AND p.seq IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_checked AFTER INSERT ON entries
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION check_entries();

-- A batch bears the time of the service that made it: one whose clock is off does not write. (A void mark
-- does: it settles what is in doubt, however long that takes.)
CREATE FUNCTION refuse_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the service says %, the database %', NEW.committed_at, statement_timestamp()
    USING ERRCODE = 'IP004';
END $$;
CREATE TRIGGER ledger_batches_clock BEFORE INSERT ON ledger_batches
  FOR EACH ROW WHEN (NOT NEW.void AND NEW.committed_at NOT BETWEEN
                     statement_timestamp() - interval '2 seconds' AND statement_timestamp() + interval '2 seconds')
  EXECUTE FUNCTION refuse_clock();

-- Ends a batch that relied on what is not so any more.
CREATE FUNCTION require_rows(got bigint, want bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF got <> want THEN
    RAISE EXCEPTION 'expected % rows, got %', want, got USING ERRCODE = 'IP001';
  END IF;
  RETURN got;
END $$;

-- The same for what was read before its transaction began, e.g. a role: nothing happens then.
CREATE FUNCTION require_unchanged(got bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF got <> 1 THEN
    RAISE EXCEPTION 'changed meanwhile' USING ERRCODE = '23514', CONSTRAINT = 'changed_meanwhile';
  END IF;
  RETURN got;
END $$;

-- The queue of contested accounts: who asks for one of them waits until the transaction that has it ends. Each
-- asks in the same order, so nobody waits in a circle. Advisory locks write nothing, where locks of rows write
-- every row; but all of them share one table of bounded size, so a large batch locks the rows after all. It is a
-- queue only: what keeps two writers apart is the primary key of entries. A function of the owner's, since locking
-- rows asks for the right to update.
CREATE FUNCTION lock_accounts(ids uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  locked bigint;
BEGIN
  IF cardinality(ids) <= 256 THEN
    SELECT count(taken) INTO locked
    FROM (
      SELECT pg_advisory_xact_lock(place) IS NULL AS taken
      FROM (SELECT DISTINCT uuid_hash_extended(id, 0) AS place FROM unnest(ids) AS id ORDER BY 1) AS places
    ) AS locks;
  ELSE
    SELECT count(*) INTO locked
    FROM (SELECT FROM accounts WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE) AS locks;
  END IF;
  RETURN locked;
END $$;

-- How many entries an account had before a moment, which is the number of the last of them: from its last
-- entry back in growing steps to one before the moment, then a binary search of the primary key between. Entries
-- that a wrong clock has dated into the future are passed over; where times go to and fro around the moment
-- itself, one of the places that fit is the answer.
CREATE FUNCTION entries_before(account uuid, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint := 0;   -- before the moment, or none
  high bigint;       -- not before it
  middle bigint;
  step bigint := 1;
BEGIN
  SELECT coalesce(max(seq), 0) + 1 INTO high FROM entries WHERE account_id = account;
  WHILE high - step > 0 LOOP
    IF (SELECT created_at < moment FROM entries WHERE account_id = account AND seq = high - step) THEN
      low := high - step;
      EXIT;
    END IF;
    high := high - step;
    step := step * 2;
  END LOOP;
  WHILE high - low > 1 LOOP
    middle := (low + high) / 2;
    IF (SELECT created_at < moment FROM entries WHERE account_id = account AND seq = middle) THEN
      low := middle;
    ELSE
      high := middle;
    END IF;
  END LOOP;
  RETURN low;
END $$;

-- Accounts with their state: what their last entry says.
CREATE VIEW account_states AS
SELECT a.id, a.kind, a.status, a.transfer_limit, a.daily_limit, a.created_at,
       coalesce(e.seq, 0) AS seq, coalesce(e.balance_after, 0) AS balance, coalesce(e.held_after, 0) AS held,
       coalesce(e.sent_today, 0) AS sent_today, e.created_at AS last_entry_at
FROM accounts a
LEFT JOIN LATERAL (
  SELECT seq, balance_after, held_after, sent_today, created_at
  FROM entries
  WHERE account_id = a.id
  ORDER BY seq DESC
  LIMIT 1
) e ON true;

-- What operators' jobs leave behind: the reporting service publishes how long ago each succeeded.
-- The row is written by the job itself, so it says the same wherever it runs, and comes back with
-- a restored database.
CREATE TABLE job_runs (
  job          text PRIMARY KEY,
  succeeded_at timestamptz NOT NULL DEFAULT now(),
  duration_ms  bigint NOT NULL DEFAULT 0,
  CONSTRAINT job_runs_job CHECK (job ~ '^[a-z][a-z_]{0,31}$')
);

REVOKE EXECUTE ON FUNCTION open_chain(text), erase_notes(uuid[], bigint[], bytea[]), lock_accounts(uuid[])
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_chain(text), lock_accounts(uuid[]) TO instapay_user, instapay_transaction;
GRANT EXECUTE ON FUNCTION erase_notes(uuid[], bigint[], bytea[]) TO instapay_user;

GRANT SELECT, INSERT, UPDATE ON users, sessions TO instapay_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_tokens TO instapay_user;
GRANT DELETE ON sessions TO instapay_user;
GRANT SELECT (id, username, email, display_name, role, role_changed_at, created_at, updated_at, erased_at) ON users
  TO instapay_transaction, instapay_reporting;
GRANT SELECT (id, revoked_at) ON sessions TO instapay_transaction, instapay_reporting;

GRANT SELECT ON accounts, account_states, entries, ledger_batches
  TO instapay_user, instapay_transaction, instapay_reporting;
GRANT SELECT ON ledger_currency TO instapay_user, instapay_transaction, instapay_reporting;
GRANT INSERT ON entries, ledger_batches TO instapay_user, instapay_transaction;
GRANT INSERT (id, kind, created_at), UPDATE (status, transfer_limit, daily_limit) ON accounts TO instapay_user;

GRANT SELECT, INSERT, UPDATE ON job_runs TO instapay_jobs;
GRANT SELECT ON job_runs TO instapay_reporting;
