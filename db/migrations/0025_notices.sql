-- Notifications: what happened to somebody, up to where they have seen it, and what of it is mailed (docs/decisions/0037).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- For how long what happened is shown.
CREATE FUNCTION notice_life() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '90 days' $$;
-- What is mailed at most so long after it happened, and how many mails of money that came in one person gets a day.
CREATE FUNCTION notice_mail_life() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '3 days' $$;
CREATE FUNCTION money_mails_a_day() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 50 $$;
-- When the summary of the day before is mailed, by the clock on the reader's wall.
CREATE FUNCTION summary_time() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '8 hours' $$;

-- What no entry, request or hold tells: how payments of schedules went, and what was done to an account's sign-in. Read
-- with request_events in one order (xid, id), so the numbers are of one sequence.
CREATE TABLE user_events (
  id            bigint PRIMARY KEY DEFAULT nextval('request_events_id_seq'),
  xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
  user_id       uuid NOT NULL,
  occurrence_id uuid,
  happened_at   timestamptz NOT NULL DEFAULT now(),
  kind          text NOT NULL,
  details       text NOT NULL DEFAULT '',    -- the device, the name of the passkey
  CONSTRAINT user_events_kind CHECK (kind IN (
    'schedule_paid', 'schedule_waits', 'schedule_failed', 'schedule_not_received',
    'new_device', 'password_changed', 'email_changed', 'app_added', 'passkey_added', 'passkey_removed',
    'factors_removed')),
  CONSTRAINT user_events_occurrence CHECK (starts_with(kind, 'schedule_') = (occurrence_id IS NOT NULL)),
  CONSTRAINT user_events_details CHECK (length(details) <= 255)
);
CREATE INDEX user_events_user ON user_events (user_id, xid, id);
CREATE INDEX user_events_xid ON user_events (xid, user_id);
CREATE INDEX user_events_age ON user_events (happened_at);
CREATE TRIGGER user_events_kept BEFORE UPDATE OR TRUNCATE ON user_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- In the transaction that settles an occurrence, as the events of requests.
CREATE FUNCTION add_occurrence_events() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO user_events (user_id, kind, occurrence_id)
  SELECT told.user_id, told.kind, NEW.id
  FROM (VALUES (1, NEW.payer_id, 'schedule_paid'), (2, NEW.payer_id, 'schedule_failed'),
               (2, NEW.payee_id, 'schedule_not_received'), (0, NEW.payer_id, 'schedule_waits'))
    AS told (status, user_id, kind)
  WHERE told.status = NEW.status;
  RETURN NULL;
END $$;
CREATE TRIGGER schedule_occurrences_begun AFTER INSERT ON schedule_occurrences
  FOR EACH ROW WHEN (NEW.status = 2) EXECUTE FUNCTION add_occurrence_events();
CREATE TRIGGER schedule_occurrences_told AFTER UPDATE ON schedule_occurrences
  FOR EACH ROW WHEN ((OLD.status = 0 AND NEW.status IN (1, 2))
                     OR (NEW.status = 0 AND OLD.refusal IS NULL AND NEW.refusal IS NOT NULL))
  EXECUTE FUNCTION add_occurrence_events();

-- However an address is changed, also back.
CREATE FUNCTION add_email_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO user_events (user_id, kind) VALUES (NEW.id, 'email_changed');
  RETURN NULL;
END $$;
CREATE TRIGGER users_email_told AFTER UPDATE OF email ON users
  FOR EACH ROW WHEN (OLD.email <> NEW.email AND NEW.erased_at IS NULL) EXECUTE FUNCTION add_email_event();

CREATE FUNCTION purge_user_events(at_most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  WITH gone AS (
    DELETE FROM user_events
    WHERE id IN (SELECT id FROM user_events WHERE happened_at < now() - notice_life()
                 ORDER BY happened_at LIMIT at_most FOR UPDATE SKIP LOCKED)
    RETURNING 1
  )
  SELECT count(*) FROM gone
$$;

-- Up to where somebody has seen what happened, on whatever device: the number of an entry, and a place among events.
CREATE TABLE notice_reads (
  user_id  uuid PRIMARY KEY,
  entry    bigint NOT NULL DEFAULT 0,
  xid      xid8 NOT NULL DEFAULT '0',
  event_id bigint NOT NULL DEFAULT 0
);
CREATE FUNCTION keep_notice_read() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.user_id <> OLD.user_id OR NEW.entry < OLD.entry OR (NEW.xid, NEW.event_id) < (OLD.xid, OLD.event_id) THEN
    RAISE EXCEPTION 'what was seen stays seen' USING ERRCODE = 'IP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_reads_forward BEFORE UPDATE ON notice_reads
  FOR EACH ROW EXECUTE FUNCTION keep_notice_read();

-- What an entry tells its account; NULL: nothing that its owner has not done. Money that is captured, or comes by a
-- request or a schedule, is told to its receiver by the entry alone.
CREATE FUNCTION entry_notice(kind smallint, amount bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN kind = 4 AND amount < 0 THEN 'money_removed'
              WHEN amount > 0 THEN CASE kind WHEN 1 THEN 'money_received' WHEN 8 THEN 'money_received'
                                             WHEN 2 THEN 'refund_received' WHEN 3 THEN 'money_added'
                                             WHEN 4 THEN 'money_added' END END
$$;
-- What an event of a request tells one of its sides, and one of a hold.
CREATE FUNCTION request_notice(change smallint, is_payer boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN is_payer THEN CASE change WHEN 0 THEN 'request_received' WHEN 4 THEN 'request_cancelled'
                                             WHEN 6 THEN 'request_reminded' END
              ELSE CASE change WHEN 3 THEN 'request_declined' WHEN 5 THEN 'request_expired' END END
$$;
CREATE FUNCTION hold_notice(change smallint, is_payer boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN change = 5 THEN 'hold_expired'
              WHEN is_payer THEN CASE change WHEN 1 THEN 'hold_captured' WHEN 2 THEN 'hold_captured'
                                             WHEN 3 THEN 'hold_released' END
              ELSE CASE change WHEN 0 THEN 'hold_received' END END
$$;

-- The newest `steps` entries of a person's account and the newest `steps` events, below a place in each; kind is NULL of
-- what tells nothing. Of events only those before every transaction that is under way, so that none comes in between
-- later. Bounded: whatever the length of the history, so many rows are read.
CREATE FUNCTION walk_notices(person uuid, below_entry bigint, below_xid xid8, below_event bigint, steps integer)
RETURNS TABLE (is_event boolean, entry bigint, xid xid8, event_id bigint, happened_at timestamptz, kind text,
               transfer_id uuid, request_id uuid, hold_id uuid, occurrence_id uuid, details text)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT false, e.seq, '0'::xid8, 0::bigint, e.created_at,
         CASE WHEN e.created_at > now() - notice_life() THEN entry_notice(e.kind, e.amount) END,
         e.transfer_id, NULL::uuid, NULL::uuid, NULL::uuid, ''
  FROM (SELECT * FROM entries WHERE account_id = person AND seq < below_entry ORDER BY seq DESC LIMIT steps) e
  UNION ALL
  SELECT true, 0::bigint, v.xid, v.id, v.happened_at,
         CASE WHEN v.happened_at <= now() - notice_life() THEN NULL
              WHEN v.kind IS NOT NULL THEN v.kind
              WHEN v.hold_id IS NOT NULL THEN hold_notice(v.change, h.payer_id = person)
              WHEN NOT EXISTS (SELECT FROM request_blocks b WHERE b.user_id = person AND b.blocked_id = r.payee_id)
                THEN request_notice(v.change, r.payee_id <> person) END,
         NULL, v.request_id, v.hold_id, v.occurrence_id, v.details
  FROM (
    (SELECT w.xid, w.id, w.happened_at, w.change, w.request_id, w.hold_id, NULL::uuid AS occurrence_id, NULL::text AS kind,
            '' AS details
     FROM request_events w
     WHERE w.user_id = person AND (w.xid, w.id) < (below_xid, below_event)
       AND w.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY w.xid DESC, w.id DESC LIMIT steps)
    UNION ALL
    (SELECT u.xid, u.id, u.happened_at, NULL, NULL, NULL, u.occurrence_id, u.kind, u.details
     FROM user_events u
     WHERE u.user_id = person AND (u.xid, u.id) < (below_xid, below_event)
       AND u.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY u.xid DESC, u.id DESC LIMIT steps)
    ORDER BY xid DESC, id DESC
    LIMIT steps
  ) v
  LEFT JOIN payment_requests r ON r.id = v.request_id
  LEFT JOIN holds h ON h.id = v.hold_id
$$;

-- What somebody wants mails of. What was done to an account is mailed without being asked.
CREATE TABLE notice_settings (
  user_id            uuid PRIMARY KEY,
  large_payment_from bigint,                 -- of payments from this amount on; NULL: of none
  money_in           boolean NOT NULL DEFAULT false,
  requests           boolean NOT NULL DEFAULT false,
  daily_summary      boolean NOT NULL DEFAULT false,
  time_zone          text NOT NULL DEFAULT 'UTC',
  next_summary_at    timestamptz,            -- NULL: none is wanted
  CONSTRAINT notice_settings_amount CHECK (large_payment_from BETWEEN 1 AND 9000000000000000),
  CONSTRAINT notice_settings_zone CHECK (length(time_zone) <= 64),
  CONSTRAINT notice_settings_summary CHECK (daily_summary = (next_summary_at IS NOT NULL))
);
CREATE INDEX notice_settings_due ON notice_settings (next_summary_at) WHERE next_summary_at IS NOT NULL;

-- The beginning of a day where somebody is, and which day it is there; UTC when the database does not know the zone any
-- more.
CREATE FUNCTION day_begins(day date, zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN day::timestamp AT TIME ZONE zone;
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN day::timestamp AT TIME ZONE 'UTC';
END $$;
CREATE FUNCTION day_of(at timestamptz, zone text) RETURNS date
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (at AT TIME ZONE zone)::date;
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN (at AT TIME ZONE 'UTC')::date;
END $$;
CREATE FUNCTION next_summary(zone text) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT min(day_begins(day_of(now(), zone) + n, zone) + summary_time())
  FROM generate_series(0, 2) AS n
  WHERE day_begins(day_of(now(), zone) + n, zone) + summary_time() > now()
$$;
CREATE FUNCTION plan_summary() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  NEW.next_summary_at := CASE WHEN NEW.daily_summary THEN next_summary(NEW.time_zone) END;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_settings_planned BEFORE INSERT OR UPDATE OF daily_summary, time_zone ON notice_settings
  FOR EACH ROW EXECUTE FUNCTION plan_summary();

-- What a mail tells besides: the entry of its reader, the request, the day.
ALTER TABLE mail_outbox
  ADD COLUMN entry_seq bigint,
  ADD COLUMN request_id uuid,
  ADD COLUMN summary_day date,
  DROP CONSTRAINT mail_outbox_kind,
  ADD CONSTRAINT mail_outbox_kind CHECK (kind IN (
    'verify_email', 'password_reset', 'password_changed', 'schedule_waits', 'schedule_failed',
    'schedule_not_received', 'email_change', 'email_changed', 'new_device', 'app_added', 'passkey_added',
    'passkey_removed', 'factors_removed', 'large_payment', 'money_in', 'request_created', 'request_reminded',
    'request_declined', 'daily_summary')) NOT VALID,
  ADD CONSTRAINT mail_outbox_notice CHECK (
    (kind IN ('large_payment', 'money_in')) = (entry_seq IS NOT NULL)
    AND (kind IN ('request_created', 'request_reminded', 'request_declined')) = (request_id IS NOT NULL)
    AND (kind = 'daily_summary') = (summary_day IS NOT NULL)
    AND (num_nonnulls(entry_seq, request_id, summary_day) = 0 OR user_id IS NOT NULL)) NOT VALID;

-- Up to which batch of a chain what happened was turned into mails: from now on, not from the beginning of the books.
CREATE TABLE notice_chains (
  chain_id integer PRIMARY KEY,
  seq      bigint NOT NULL,
  CONSTRAINT notice_chains_seq CHECK (seq >= 0)
);
INSERT INTO notice_chains (chain_id, seq)
SELECT c.chain_id, coalesce((SELECT max(b.seq) FROM ledger_batches b WHERE b.chain_id = c.chain_id), 0)
FROM report_chains c;
CREATE OR REPLACE VIEW chain_places (follower, chain_id, seq) AS
SELECT 0, chain_id, seq FROM report_chains
UNION ALL
SELECT 1, c.chain_id, coalesce(s.seq, 0)
FROM report_chains c
LEFT JOIN transfer_search_chains s ON s.chain_id = c.chain_id
UNION ALL
SELECT 2, c.chain_id, coalesce(n.seq, 0)
FROM report_chains c
LEFT JOIN notice_chains n ON n.chain_id = c.chain_id;

-- As batch_entries(), with what mails are about.
CREATE FUNCTION window_notices(chain integer, after_seq bigint, last_seq bigint, since timestamptz, until timestamptz)
RETURNS TABLE (account_id uuid, seq bigint, transfer_id uuid, kind text)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN QUERY
  SELECT e.account_id, e.seq, e.transfer_id, CASE WHEN e.amount < 0 THEN 'large_payment' ELSE 'money_in' END
  FROM entries e
  JOIN notice_settings s ON s.user_id = e.account_id
  WHERE e.chain_id = chain AND e.batch_seq > after_seq AND e.batch_seq <= last_seq
    AND e.created_at >= window_notices.since AND e.created_at < window_notices.until
    AND e.created_at > now() - notice_mail_life()
    AND ((e.amount < 0 AND e.kind IN (1, 8) AND -e.amount >= s.large_payment_from)
         OR (e.amount > 0 AND e.kind IN (1, 2, 8) AND s.money_in));
END $$;

-- Makes mails of a chain's batches, all or none: answers how many of their transfers there are, as index_batches() does.
-- Who gets very many payments a day is told of so many by mail; large payments are told of, however many.
CREATE FUNCTION mail_batches(chain integer, after_seq bigint, last_seq bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  place record;
BEGIN
  SELECT max(committed_at) AS until, coalesce(sum(transfer_count), 0)::bigint AS transfers INTO place
  FROM ledger_batches WHERE chain_id = chain AND seq > after_seq AND seq <= last_seq;
  IF place.until < now() - notice_mail_life() - interval '1 hour' THEN
    RETURN place.transfers;  -- too old to be told
  END IF;
  SELECT * INTO place FROM batch_window(chain, after_seq, last_seq);
  IF place.present = place.expected THEN
    INSERT INTO mail_outbox (id, event_key, kind, user_id, entry_seq, expires_at)
    SELECT gen_random_uuid(), n.kind || '/' || n.transfer_id, n.kind, n.account_id, n.seq, now() + notice_mail_life()
    FROM (SELECT w.*, row_number() OVER (PARTITION BY w.account_id, w.kind ORDER BY w.seq) AS number
          FROM window_notices(chain, after_seq, last_seq, place.since, place.until) w) n
    WHERE n.kind = 'large_payment'
       OR n.number <= money_mails_a_day() - (
            SELECT count(*) FROM mail_outbox m
            WHERE m.user_id = n.account_id AND m.kind = 'money_in' AND m.created_at > now() - interval '24 hours')
    ON CONFLICT (event_key) DO NOTHING;
  END IF;
  RETURN place.present;
END $$;

-- Begins anew at the end of each chain: what is in a book that came from elsewhere was told there.
CREATE FUNCTION forget_notices() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1919905904, 2);
  DELETE FROM notice_chains;
  INSERT INTO notice_chains (chain_id, seq)
  SELECT c.chain_id, coalesce((SELECT max(b.seq) FROM ledger_batches b WHERE b.chain_id = c.chain_id), 0)
  FROM report_chains c;
END $$;

-- The same of requests: up to which event they were turned into mails. One row, whose lock is the turn.
CREATE TABLE notice_place (
  xid      xid8 NOT NULL,
  event_id bigint NOT NULL DEFAULT 0,
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO notice_place (xid) VALUES (pg_snapshot_xmin(pg_current_snapshot()));

-- Makes mails of the next `at_most` events; answers how many it has looked at, 0 when another is at it. A place that lies
-- ahead is of another cluster.
CREATE FUNCTION mail_request_events(at_most integer) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  place notice_place;
  seen bigint;
BEGIN
  SELECT * INTO place FROM notice_place FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  IF place.xid > pg_snapshot_xmax(pg_current_snapshot()) THEN
    UPDATE notice_place SET xid = pg_snapshot_xmin(pg_current_snapshot()), event_id = 0;
    RETURN 0;
  END IF;
  WITH news AS MATERIALIZED (
    SELECT v.xid, v.id, v.user_id, v.request_id, v.change, v.happened_at
    FROM request_events v
    WHERE (v.xid, v.id) > (place.xid, place.event_id) AND v.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY v.xid, v.id
    LIMIT at_most
  ), moved AS (
    UPDATE notice_place SET xid = last.xid, event_id = last.id
    FROM (SELECT n.xid, n.id FROM news n ORDER BY n.xid DESC, n.id DESC LIMIT 1) AS last
  ), told AS (
    INSERT INTO mail_outbox (id, event_key, kind, user_id, request_id, expires_at)
    SELECT gen_random_uuid(), told.kind || '/' || n.id, told.kind, n.user_id, n.request_id, now() + notice_mail_life()
    FROM news n
    JOIN notice_settings s ON s.user_id = n.user_id AND s.requests
    JOIN payment_requests r ON r.id = n.request_id
    JOIN (VALUES (0, true, 'request_created'), (6, true, 'request_reminded'), (3, false, 'request_declined'))
      AS told (change, is_payer, kind) ON told.change = n.change AND told.is_payer = (r.payee_id <> n.user_id)
    WHERE n.happened_at > now() - notice_mail_life()
    ON CONFLICT (event_key) DO NOTHING
  )
  SELECT count(*) INTO seen FROM news;
  RETURN seen;
END $$;

-- Mails of yesterday to those whose morning has come and to whom something happened; once a day for each by the event's
-- key.
-- Of a day with more entries nothing is mailed: adding them up would keep the other mails waiting.
CREATE FUNCTION summary_entries_max() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 10000 $$;
CREATE FUNCTION mail_summaries(at_most integer) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  seen bigint;
BEGIN
  WITH due AS MATERIALIZED (
    SELECT s.user_id, s.time_zone, day_of(now(), s.time_zone) - 1 AS day
    FROM notice_settings s
    WHERE s.next_summary_at <= now()
    ORDER BY s.next_summary_at
    LIMIT at_most
    FOR UPDATE SKIP LOCKED
  ), moved AS (
    UPDATE notice_settings s SET next_summary_at = next_summary(s.time_zone) FROM due WHERE s.user_id = due.user_id
  ), told AS (
    INSERT INTO mail_outbox (id, event_key, kind, user_id, summary_day, expires_at)
    SELECT gen_random_uuid(), 'daily_summary/' || d.user_id || '/' || d.day, 'daily_summary', d.user_id, d.day,
           now() + interval '1 day'
    FROM due d
    CROSS JOIN LATERAL (SELECT entries_before(d.user_id, day_begins(d.day, d.time_zone)) AS first,
                               entries_before(d.user_id, day_begins(d.day + 1, d.time_zone)) AS last) p
    WHERE p.last - p.first <= summary_entries_max()
      AND EXISTS (SELECT FROM entries e
                  WHERE e.account_id = d.user_id AND e.amount <> 0 AND e.seq > p.first AND e.seq <= p.last)
    ON CONFLICT (event_key) DO NOTHING
  )
  SELECT count(*) INTO seen FROM due;
  RETURN seen;
END $$;

-- What came in and went out on a day.
CREATE FUNCTION day_sums(account uuid, day date, zone text, OUT came bigint, OUT came_in bigint, OUT went bigint,
                         OUT went_out bigint)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT count(*) FILTER (WHERE e.amount > 0), least(coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0), 9000000000000000000)::bigint,
         count(*) FILTER (WHERE e.amount < 0), least(coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0), 9000000000000000000)::bigint
  FROM entries e
  WHERE e.account_id = account AND e.seq > entries_before(account, day_begins(day, zone))
    AND e.seq <= entries_before(account, day_begins(day + 1, zone))
$$;

-- Of who was erased nothing is kept here either.
CREATE FUNCTION erase_notices() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM user_events WHERE user_id = NEW.id;
  DELETE FROM notice_reads WHERE user_id = NEW.id;
  DELETE FROM notice_settings WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_erased_notices AFTER UPDATE OF erased_at ON users
  FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_notices();

REVOKE EXECUTE ON FUNCTION purge_user_events(integer), forget_notices() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION purge_user_events(integer), forget_notices() TO instapay_user;
GRANT SELECT ON user_events TO instapay_user, instapay_transaction;
GRANT INSERT (user_id, kind, details) ON user_events TO instapay_user;
GRANT USAGE ON SEQUENCE request_events_id_seq TO instapay_user;
GRANT SELECT, INSERT, UPDATE ON notice_reads TO instapay_transaction;
GRANT SELECT ON notice_reads TO instapay_user; -- the export
GRANT SELECT ON notice_settings, notice_chains, notice_place, chain_places, request_events TO instapay_user;
GRANT INSERT (user_id, large_payment_from, money_in, requests, daily_summary, time_zone),
  UPDATE (large_payment_from, money_in, requests, daily_summary, time_zone, next_summary_at) ON notice_settings
  TO instapay_user;
GRANT INSERT, UPDATE ON notice_chains TO instapay_user;
GRANT UPDATE (xid, event_id) ON notice_place TO instapay_user;
