-- Search for transfers: a table of its own, built from the chains (docs/decisions/0021). Payments do not touch
-- it and its indexes; the reporting service writes it a moment later.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- "Trusted": whoever may create in the database may have it. A managed database may have it elsewhere already.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What rare transfers are found by; what else there is to say the entries say. The note is there as long as one
-- of the two entries has it.
CREATE TABLE transfer_search (
  transfer_id uuid PRIMARY KEY,              -- begins with the time: newest first is its order
  reference   uuid,
  amount      bigint NOT NULL,
  created_at  timestamptz NOT NULL,
  kind        smallint NOT NULL,
  note        text
);
CREATE INDEX transfer_search_kind ON transfer_search (kind, transfer_id) WHERE kind <> 1;
CREATE INDEX transfer_search_amount ON transfer_search (amount);
CREATE INDEX transfer_search_reference ON transfer_search (reference, transfer_id) WHERE reference IS NOT NULL;
-- A short list of what is not sorted in yet: every search reads all of it.
DO $$
BEGIN
  EXECUTE format('CREATE INDEX transfer_search_note ON transfer_search USING gin (note %I.gin_trgm_ops) '
                 'WITH (gin_pending_list_limit = 1024) WHERE note IS NOT NULL',
                 (SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                  WHERE extname = 'pg_trgm'));
END $$;

-- Up to which batch the transfers of a chain are in transfer_search; a chain without a row is not begun.
CREATE TABLE transfer_search_chains (
  chain_id integer PRIMARY KEY,
  seq      bigint NOT NULL,
  CONSTRAINT transfer_search_chains_seq CHECK (seq >= 0)
);

-- How far each chain is followed, by each who follows (src/reporting/chain_follower.h). report_chains knows a
-- chain from its first batch on.
CREATE VIEW chain_places (follower, chain_id, seq) AS
SELECT 0, chain_id, seq FROM report_chains
UNION ALL
SELECT 1, c.chain_id, coalesce(s.seq, 0)
FROM report_chains c
LEFT JOIN transfer_search_chains s ON s.chain_id = c.chain_id;

-- In which stretch of time the entries are of a chain's batches after one and up to another, how many transfers
-- those have to have, and how many are there. No index knows batches; times narrow the blocks down (BRIN), since
-- an entry bears the time of its batch but for a few seconds. Where it does not, which the number of transfers
-- shows, more time is looked through, and in the end all.
CREATE FUNCTION batch_window(chain integer, after_seq bigint, last_seq bigint, OUT since timestamptz,
                             OUT until timestamptz, OUT expected bigint, OUT present bigint)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  begins timestamptz;
  ends timestamptz;
  spare interval;
BEGIN
  SELECT min(b.committed_at), max(b.committed_at), coalesce(sum(b.transfer_count), 0)
    INTO begins, ends, expected
  FROM ledger_batches b
  WHERE b.chain_id = chain AND b.seq > after_seq AND b.seq <= last_seq;
  present := 0;
  IF expected = 0 THEN
    RETURN;
  END IF;
  FOREACH spare IN ARRAY ARRAY['10 seconds', '1 hour', '10 days', NULL]::interval[] LOOP
    since := coalesce(begins - spare, '-infinity');
    until := coalesce(ends + spare, 'infinity');
    SELECT count(*) INTO present
    FROM entries e
    WHERE e.chain_id = chain AND e.batch_seq > after_seq AND e.batch_seq <= last_seq
      AND e.created_at >= since AND e.created_at < until AND e.amount <= 0;
    EXIT WHEN present = expected;
  END LOOP;
END $$;

-- As it was, by batch_window.
CREATE OR REPLACE FUNCTION batch_entries(chain integer, after_seq bigint, last_seq bigint)
RETURNS TABLE (created_at timestamptz, kind smallint, amount bigint, account_id uuid, counterparty_id uuid)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  place record;
BEGIN
  SELECT * INTO place FROM batch_window(chain, after_seq, last_seq);
  RETURN QUERY
  SELECT e.created_at, e.kind, e.amount, e.account_id, e.counterparty_id
  FROM entries e
  WHERE e.chain_id = chain AND e.batch_seq > after_seq AND e.batch_seq <= last_seq
    AND e.created_at >= place.since AND e.created_at < place.until;
END $$;

-- The transfers of a chain's batches within such a stretch, as they are searched.
CREATE FUNCTION window_transfers(chain integer, after_seq bigint, last_seq bigint, since timestamptz,
                                 until timestamptz)
RETURNS SETOF transfer_search
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN QUERY
  SELECT e.transfer_id, e.reference, -e.amount, e.created_at, e.kind, e.note
  FROM entries e
  WHERE e.chain_id = chain AND e.batch_seq > after_seq AND e.batch_seq <= last_seq
    AND e.created_at >= since AND e.created_at < until AND e.amount < 0;
END $$;

-- Carries a chain's batches into transfer_search, all or none: answers how many of their transfers there are,
-- which is none of them unless it is all. A payer's note that was erased may still be the payee's.
CREATE FUNCTION index_batches(chain integer, after_seq bigint, last_seq bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT SET work_mem = '32MB' AS $$
DECLARE
  place record;
BEGIN
  SELECT * INTO place FROM batch_window(chain, after_seq, last_seq);
  IF place.present = place.expected THEN
    INSERT INTO transfer_search
    SELECT * FROM window_transfers(chain, after_seq, last_seq, place.since, place.until)
    ON CONFLICT (transfer_id) DO NOTHING;
  END IF;
  RETURN place.present;
END $$;

-- The transfers that are not in transfer_search yet.
CREATE FUNCTION open_transfers() RETURNS SETOF transfer_search
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
BEGIN
  RETURN QUERY
  SELECT t.*
  FROM chain_places p
  CROSS JOIN LATERAL (SELECT max(seq) AS last_seq FROM ledger_batches
                      WHERE chain_id = p.chain_id AND seq > p.seq) rest
  CROSS JOIN LATERAL batch_window(p.chain_id, p.seq, rest.last_seq) w
  CROSS JOIN LATERAL window_transfers(p.chain_id, p.seq, rest.last_seq, w.since, w.until) t
  WHERE p.follower = 1 AND rest.last_seq IS NOT NULL;
END $$;

-- Of a text without three letters or digits in a row the index of notes knows nothing.
CREATE FUNCTION transfer_search_knows(pattern text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT coalesce(pattern ~ '[[:alnum:]]{3}', false) $$;

-- The rows among which those are that fit, at most `most` of them: by reference and by kind the newest below an
-- id, and no more than a page where nothing else is asked; by note and by amount in no order. Without sequential
-- scans: for a few rows of many they look cheap to the planner, and are not when nothing is found.
CREATE FUNCTION transfer_search_candidates(below uuid, wanted_kind smallint, pattern text, least_amount bigint,
                                           most_amount bigint, wanted_reference uuid, page integer, most integer)
RETURNS SETOF transfer_search
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  ordered integer := CASE WHEN coalesce(pattern, least_amount::text, most_amount::text) IS NULL THEN page ELSE most END;
BEGIN
  IF wanted_reference IS NOT NULL THEN
    RETURN QUERY SELECT * FROM transfer_search s
      WHERE s.reference = wanted_reference AND s.transfer_id < below
        AND (wanted_kind IS NULL OR s.kind = wanted_kind)
      ORDER BY s.transfer_id DESC LIMIT ordered;
  ELSIF transfer_search_knows(pattern) THEN
    RETURN QUERY SELECT * FROM transfer_search s WHERE s.note ILIKE pattern LIMIT most;
  ELSIF wanted_kind <> 1 THEN
    RETURN QUERY SELECT * FROM transfer_search s
      WHERE s.kind = wanted_kind AND s.kind <> 1 AND s.transfer_id < below
      ORDER BY s.transfer_id DESC LIMIT ordered;
  ELSE
    RETURN QUERY SELECT * FROM transfer_search s
      WHERE s.amount BETWEEN coalesce(least_amount, 0) AND coalesce(most_amount, 9000000000000000)
      LIMIT most;
  END IF;
END $$;

-- The newest transfers below an id that fit, at most `rows` of them, by the indexes and in what is not indexed
-- yet. outcome: 0 found, these are all; 1 more than `most_candidates` rows come into question, so others may
-- fit as well; 2 more than `most_open` transfers are not indexed yet. A rebuild empties the table, which no snapshot
-- keeps: the lock comes first, and each query of a volatile function has a snapshot of its own.
CREATE FUNCTION find_transfers(below uuid, since timestamptz, until timestamptz, wanted_kind smallint, pattern text,
                               least_amount bigint, most_amount bigint, wanted_reference uuid, rows integer,
                               most_candidates integer, most_open integer,
                               OUT outcome integer, OUT ids uuid[])
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  open bigint;
  came bigint;
BEGIN
  LOCK TABLE transfer_search IN ACCESS SHARE MODE;
  SELECT coalesce(sum(rest.transfers), 0) INTO open
  FROM chain_places p
  CROSS JOIN LATERAL (
    SELECT sum(b.transfer_count) AS transfers
    FROM (SELECT transfer_count FROM ledger_batches
          WHERE chain_id = p.chain_id AND seq > p.seq
          ORDER BY seq
          LIMIT most_open + 1) b
  ) rest
  WHERE p.follower = 1;
  IF open > most_open THEN
    outcome := 2;
    RETURN;
  END IF;
  WITH candidates AS MATERIALIZED (
    SELECT * FROM transfer_search_candidates(below, wanted_kind, pattern, least_amount, most_amount,
                                             wanted_reference, rows, most_candidates + 1)
  ), fits AS MATERIALIZED (
    -- The note that is shown is the payer's: asked in this order, until there are enough.
    SELECT t.transfer_id
    FROM (
      SELECT c.transfer_id
      FROM (SELECT * FROM candidates UNION ALL SELECT * FROM open_transfers()) c
      WHERE c.transfer_id < below
        AND c.created_at >= since AND c.created_at < until
        AND (wanted_kind IS NULL OR c.kind = wanted_kind)
        AND (pattern IS NULL OR c.note ILIKE pattern)
        AND (least_amount IS NULL OR c.amount >= least_amount)
        AND (most_amount IS NULL OR c.amount <= most_amount)
        AND (wanted_reference IS NULL OR c.reference = wanted_reference)
      ORDER BY c.transfer_id DESC
      OFFSET 0
    ) t
    WHERE pattern IS NULL
       OR (SELECT e.note FROM entries e WHERE e.transfer_id = t.transfer_id AND e.amount < 0) ILIKE pattern
    ORDER BY t.transfer_id DESC
    LIMIT rows
  )
  SELECT (SELECT count(*) FROM candidates), (SELECT array_agg(transfer_id) FROM fits) INTO came, ids;
  outcome := CASE WHEN came > most_candidates THEN 1 ELSE 0 END;
END $$;

-- Sketches beside their keys: a year of days in a zone reads thousands of them, and most of its time went into
-- fetching each from elsewhere. Those that are there already move when they are written next.
ALTER TABLE report_sketches SET (toast_tuple_target = 8160, fillfactor = 90);

-- Who writes transfer_search, or empties it: one at a time. An erasure waits for the one who is at it, so that no
-- text is written that was read before it was erased.
CREATE FUNCTION lock_search() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(1919905904, 1) $$;

-- Begins anew. Of the owner's, since nobody else may empty a table.
CREATE FUNCTION forget_search() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM lock_search();
  TRUNCATE transfer_search; -- contract: only what is derived, and only when it begins anew
  DELETE FROM transfer_search_chains;
END $$;

-- The text goes from the search in the transaction in which it goes from the last entry that has it.
CREATE OR REPLACE FUNCTION erase_notes(accounts uuid[], seqs bigint[], hashes bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  erased uuid[];
BEGIN
  PERFORM lock_search();
  WITH gone AS (
    UPDATE entries e SET note = NULL, note_hash = n.hash
    FROM unnest(accounts, seqs, hashes) AS n (account_id, seq, hash)
    WHERE e.account_id = n.account_id AND e.seq = n.seq AND e.note IS NOT NULL
    RETURNING e.transfer_id
  )
  SELECT array_agg(transfer_id) INTO erased FROM gone;
  UPDATE transfer_search s SET note = NULL
  WHERE s.transfer_id = ANY (erased) AND s.note IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM entries payer
      JOIN entries payee ON payee.account_id = payer.counterparty_id AND payee.seq = payer.counterparty_seq
      WHERE payer.transfer_id = s.transfer_id AND payer.amount < 0
        AND (payer.note IS NOT NULL OR payee.note IS NOT NULL));
  RETURN coalesce(cardinality(erased), 0);
END $$;

REVOKE EXECUTE ON FUNCTION forget_search() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_search() TO instapay_reporting;
GRANT SELECT ON transfer_search, transfer_search_chains, chain_places TO instapay_transaction, instapay_reporting;
GRANT INSERT ON transfer_search TO instapay_reporting;
GRANT INSERT, UPDATE ON transfer_search_chains TO instapay_reporting;
-- Roll-ups begin anew as well when they are ahead of the chains.
GRANT DELETE ON report_sums, report_sketches TO instapay_reporting;
