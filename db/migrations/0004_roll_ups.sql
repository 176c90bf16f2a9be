-- Roll-ups of the entries, so that a report costs the same over an hour and over years
-- (docs/decisions/0020). They follow the chains: of each, the batches up to a number are in the buckets, and
-- what comes after it is read from the entries.

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- How far each chain is folded: up to and with batch `seq`. The sums are of those batches.
CREATE TABLE report_chains (
  chain_id  integer PRIMARY KEY,
  seq       bigint NOT NULL DEFAULT 0,
  transfers bigint NOT NULL DEFAULT 0,
  entries   bigint NOT NULL DEFAULT 0,
  amount    numeric NOT NULL DEFAULT 0,      -- of all entries together, which is 0
  CONSTRAINT report_chains_counts CHECK (seq >= 0 AND transfers >= 0 AND entries >= transfers)
);

-- Each transfer once, by its payer's entry. A bucket of `minutes` begins at a multiple of that since 1970.
CREATE TABLE report_sums (
  minutes   integer NOT NULL,
  begins_at timestamptz NOT NULL,
  kind      smallint NOT NULL,
  transfers bigint NOT NULL,
  amount    numeric NOT NULL,
  PRIMARY KEY (minutes, begins_at, kind),
  CONSTRAINT report_sums_counts CHECK (minutes > 0 AND transfers > 0 AND amount >= 0)
);

-- Of transfers between people: how large they were, and who took part (src/reporting/roll_up says how).
CREATE TABLE report_sketches (
  minutes   integer NOT NULL,
  begins_at timestamptz NOT NULL,
  amounts   bytea NOT NULL,
  users     bytea NOT NULL,
  PRIMARY KEY (minutes, begins_at)
);
-- Dense already: compressing them costs time and gains nothing. Rows of the present are written every
-- few seconds, so pages keep room for the next version.
ALTER TABLE report_sketches ALTER COLUMN users SET STORAGE EXTERNAL, ALTER COLUMN amounts SET STORAGE EXTERNAL;
ALTER TABLE report_sketches SET (fillfactor = 50);
ALTER TABLE report_sums SET (fillfactor = 70);

-- A chain is known from its first batch on, in the same transaction.
CREATE FUNCTION note_report_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO report_chains (chain_id) VALUES (NEW.chain_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_batches_new_chain AFTER INSERT ON ledger_batches
  FOR EACH ROW WHEN (NEW.seq = 1) EXECUTE FUNCTION note_report_chain();

-- Those that are there already: a look at the first batch of each.
WITH RECURSIVE chains AS (
  SELECT min(chain_id) AS chain_id FROM ledger_batches
  UNION ALL
  SELECT (SELECT min(b.chain_id) FROM ledger_batches b WHERE b.chain_id > c.chain_id)
  FROM chains c
  WHERE c.chain_id IS NOT NULL
)
INSERT INTO report_chains (chain_id) SELECT chain_id FROM chains WHERE chain_id IS NOT NULL;

-- The entries of a chain's batches after one and up to another. No index knows batches; times narrow the blocks
-- down (BRIN), since an entry bears the time of its batch but for a few seconds. Where it does not, which the
-- number of transfers shows, more time is looked through, and in the end all.
CREATE FUNCTION batch_entries(chain integer, after_seq bigint, last_seq bigint)
RETURNS TABLE (created_at timestamptz, kind smallint, amount bigint, account_id uuid, counterparty_id uuid)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  begins timestamptz;
  ends timestamptz;
  since timestamptz;
  until timestamptz;
  expected bigint;
  found bigint;
  spare interval;
BEGIN
  SELECT min(b.committed_at), max(b.committed_at), sum(b.transfer_count)
    INTO begins, ends, expected
  FROM ledger_batches b
  WHERE b.chain_id = chain AND b.seq > after_seq AND b.seq <= last_seq;
  IF coalesce(expected, 0) = 0 THEN
    RETURN;
  END IF;
  FOREACH spare IN ARRAY ARRAY['10 seconds', '1 hour', '10 days', NULL]::interval[] LOOP
    since := coalesce(begins - spare, '-infinity');
    until := coalesce(ends + spare, 'infinity');
    EXIT WHEN spare IS NULL;
    SELECT count(*) INTO found
    FROM entries e
    WHERE e.chain_id = chain AND e.batch_seq > after_seq AND e.batch_seq <= last_seq
      AND e.created_at >= since AND e.created_at < until AND e.amount <= 0;
    EXIT WHEN found = expected;
  END LOOP;
  RETURN QUERY
  SELECT e.created_at, e.kind, e.amount, e.account_id, e.counterparty_id
  FROM entries e
  WHERE e.chain_id = chain AND e.batch_seq > after_seq AND e.batch_seq <= last_seq
    AND e.created_at >= since AND e.created_at < until;
END $$;

-- The entries of all batches that are not folded yet. IP009: those have more transfers than `at_most`.
CREATE FUNCTION open_entries(at_most bigint)
RETURNS TABLE (created_at timestamptz, kind smallint, amount bigint, account_id uuid, counterparty_id uuid)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  open record;
  transfers bigint := 0;
BEGIN
  FOR open IN
    SELECT c.chain_id, c.seq, rest.last_seq, rest.transfers
    FROM report_chains c
    CROSS JOIN LATERAL (
      SELECT max(b.seq) AS last_seq, sum(b.transfer_count) AS transfers
      FROM (SELECT seq, transfer_count FROM ledger_batches
            WHERE chain_id = c.chain_id AND seq > c.seq
            ORDER BY seq
            LIMIT at_most + 1) b
    ) rest
    WHERE rest.transfers > 0
  LOOP
    transfers := transfers + open.transfers;
    IF transfers > at_most THEN
      RAISE EXCEPTION 'more than % transfers are not in the reports yet', at_most USING ERRCODE = 'IP009';
    END IF;
    RETURN QUERY SELECT * FROM batch_entries(open.chain_id, open.seq, open.last_seq);
  END LOOP;
END $$;

-- The entries of a stretch of time whose batches are folded.
CREATE FUNCTION folded_entries(since timestamptz, until timestamptz)
RETURNS TABLE (created_at timestamptz, kind smallint, amount bigint, account_id uuid, counterparty_id uuid)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN QUERY
  SELECT e.created_at, e.kind, e.amount, e.account_id, e.counterparty_id
  FROM entries e
  JOIN report_chains c ON c.chain_id = e.chain_id AND e.batch_seq <= c.seq
  WHERE e.created_at >= since AND e.created_at < until;
END $$;

GRANT SELECT ON report_chains, report_sums, report_sketches TO instapay_reporting;
GRANT UPDATE (seq, transfers, entries, amount) ON report_chains TO instapay_reporting;
GRANT INSERT, UPDATE ON report_sums, report_sketches TO instapay_reporting;
