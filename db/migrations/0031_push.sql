-- Web Push: the browsers that are told at once what happened, and what is to be sent to each (docs/decisions/0042).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- What is pushed at most so long after it happened, how many pushes of money that came in one browser gets a day, and
-- how many browsers one person has.
CREATE FUNCTION push_life() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '1 day' $$;
CREATE FUNCTION money_pushes_a_day() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 200 $$;
CREATE FUNCTION push_devices_max() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 20 $$;

-- What of it somebody wants, on all their browsers. What was done to an account is pushed without being asked.
ALTER TABLE notice_settings
  ADD COLUMN push_money boolean NOT NULL DEFAULT true,
  ADD COLUMN push_requests boolean NOT NULL DEFAULT true,
  ADD COLUMN push_planned boolean NOT NULL DEFAULT true, -- holds, schedules and mandates
  ADD COLUMN push_amounts boolean NOT NULL DEFAULT true; -- names and amounts, which a locked screen shows

-- A browser, as PushSubscription of the Push API has it. It is of the session that it was turned on in, and ends with it.
CREATE TABLE push_subscriptions (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL,
  session_id      uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
  endpoint        text NOT NULL,
  p256dh          bytea NOT NULL,              -- its public key: an uncompressed point of P-256
  auth            bytea NOT NULL,
  vapid_kid       text NOT NULL,               -- the key of ours that it was made with: no other may send to it
  created_at      timestamptz NOT NULL DEFAULT now(),
  last_success_at timestamptz,
  failures        integer NOT NULL DEFAULT 0,  -- attempts in a row that its push service did not take
  CONSTRAINT push_subscriptions_failures CHECK (failures >= 0),
  CONSTRAINT push_subscriptions_endpoint UNIQUE (endpoint),
  CONSTRAINT push_subscriptions_session UNIQUE (session_id),
  CONSTRAINT push_subscriptions_url CHECK (length(endpoint) <= 1024 AND endpoint ~ '^https?://[!-~]+$'),
  CONSTRAINT push_subscriptions_p256dh CHECK (length(p256dh) = 65 AND get_byte(p256dh, 0) = 4),
  CONSTRAINT push_subscriptions_auth CHECK (length(auth) = 16),
  CONSTRAINT push_subscriptions_kid CHECK (length(vapid_kid) BETWEEN 1 AND 128)
);
CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id, created_at);

-- Of an address, what its push service is known by.
CREATE FUNCTION push_origin(endpoint text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(regexp_replace(lower(substring(endpoint FROM '^https?://[^/?#]+')), '^(https://[^:]+):443$', '\1'), '')
$$;

-- What happened and which browser to tell, as mail_outbox has it: the text is made when it is sent.
CREATE TABLE push_outbox (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription_id uuid NOT NULL REFERENCES push_subscriptions ON DELETE CASCADE,
  event_key       text NOT NULL,               -- one event, one push to each browser, while the row is kept
  kind            text NOT NULL,               -- of the notification
  origin          text NOT NULL,               -- of its push service: push_origin()
  user_id         uuid NOT NULL,
  entry_seq       bigint,                      -- the entry of that user, or the number of the event
  event_id        bigint,
  happened_at     timestamptz NOT NULL,
  state           text NOT NULL DEFAULT 'pending',
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL,
  finished_at     timestamptz,
  last_error      text,
  CONSTRAINT push_outbox_event UNIQUE (subscription_id, event_key),
  CONSTRAINT push_outbox_about CHECK (num_nonnulls(entry_seq, event_id) = 1),
  CONSTRAINT push_outbox_attempts CHECK (attempts >= 0),
  -- dropped: it is not wanted any more, or the session has ended.
  CONSTRAINT push_outbox_state CHECK (
    CASE state WHEN 'pending' THEN finished_at IS NULL ELSE finished_at IS NOT NULL END
    AND state IN ('pending', 'sent', 'dropped', 'dead'))
);
CREATE INDEX push_outbox_due ON push_outbox (next_attempt_at) WHERE state = 'pending';
CREATE INDEX push_outbox_finished ON push_outbox (finished_at) WHERE state <> 'pending';
CREATE INDEX push_outbox_dead ON push_outbox (finished_at) WHERE state = 'dead';

-- Push services that do not answer, or say that it is too much for them: until when nothing is sent there.
CREATE TABLE push_pauses (
  origin   text PRIMARY KEY,
  failures integer NOT NULL,   -- in a row
  ends_at  timestamptz NOT NULL,
  CONSTRAINT push_pauses_failures CHECK (failures > 0)
);

-- What was sent is never sent again, whoever asks.
CREATE FUNCTION keep_sent_push() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the push was sent' USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER push_outbox_sent BEFORE UPDATE ON push_outbox
  FOR EACH ROW WHEN (OLD.state = 'sent') EXECUTE FUNCTION keep_sent_push();

-- A session ends, whoever ends it and however: signing out, a change of the password, a freeze, the closing of the wallet.
CREATE FUNCTION end_push_subscription() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM push_subscriptions WHERE session_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER sessions_ended_push AFTER UPDATE OF revoked_at ON sessions
  FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION end_push_subscription();

-- A subscription is of a live session of its user, however it came here; IP016. What else it is stays.
CREATE FUNCTION require_own_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM sessions WHERE id = NEW.session_id AND user_id = NEW.user_id AND revoked_at IS NULL) THEN
    RAISE EXCEPTION 'a push subscription is of a live session of its user' USING ERRCODE = 'IP016';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER push_subscriptions_own BEFORE INSERT OR UPDATE OF session_id ON push_subscriptions
  FOR EACH ROW EXECUTE FUNCTION require_own_session();
CREATE TRIGGER push_subscriptions_kept BEFORE UPDATE OF id, user_id, endpoint, p256dh, auth, vapid_kid, created_at
  ON push_subscriptions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Registers the browser of a session, and answers its row; none: the session has ended. IP016: somebody else has this address
-- with other keys, so that it is not this browser's. Whose browser it is already goes on with their new session. One that
-- somebody else had moves over as a new one, and what still waits for it is not sent: it was about them. Of too many of
-- one person those that were turned on first go.
CREATE FUNCTION register_push(new_id uuid, person uuid, session uuid, address text, key bytea, secret bytea, kid text)
RETURNS SETOF push_subscriptions
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  there push_subscriptions;
BEGIN
  -- Takes turns with itself and with what ends the session, and with who registers the same address for somebody else.
  PERFORM FROM users WHERE id = person AND erased_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM FROM sessions
  WHERE id = session AND user_id = person AND revoked_at IS NULL AND expires_at > now() FOR SHARE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(address, 31));
  SELECT * INTO there FROM push_subscriptions WHERE endpoint = address;
  IF there.user_id <> person AND (there.p256dh, there.auth) <> (key, secret) THEN
    RAISE EXCEPTION 'another browser has this address' USING ERRCODE = 'IP016', CONSTRAINT = 'push_subscriptions_keys';
  END IF;
  IF (there.user_id, there.p256dh, there.auth, there.vapid_kid) = (person, key, secret, kid) THEN
    DELETE FROM push_subscriptions WHERE session_id = session AND id <> there.id;
    RETURN QUERY UPDATE push_subscriptions SET session_id = session WHERE id = there.id RETURNING *;
    RETURN;
  END IF;
  DELETE FROM push_subscriptions WHERE endpoint = address OR session_id = session;
  DELETE FROM push_subscriptions WHERE id IN (
    SELECT id FROM push_subscriptions WHERE user_id = person ORDER BY created_at DESC, id OFFSET push_devices_max() - 1);
  RETURN QUERY INSERT INTO push_subscriptions (id, user_id, session_id, endpoint, p256dh, auth, vapid_kid)
    VALUES (new_id, person, session, address, key, secret, kid) RETURNING *;
END $$;

CREATE FUNCTION wants_push(kind text, money boolean, requests boolean, planned boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(CASE WHEN kind IN ('money_received', 'refund_received', 'money_added', 'money_removed') THEN money
                       WHEN starts_with(kind, 'request_') THEN requests
                       WHEN kind ~ '^(hold|schedule|mandate|draw)_' THEN planned END, true)
$$;

-- Up to which batch of a chain, and up to which event, what happened was turned into pushes: from now on.
CREATE TABLE push_chains (
  chain_id integer PRIMARY KEY,
  seq      bigint NOT NULL,
  CONSTRAINT push_chains_seq CHECK (seq >= 0)
);
INSERT INTO push_chains (chain_id, seq)
SELECT c.chain_id, coalesce((SELECT max(b.seq) FROM ledger_batches b WHERE b.chain_id = c.chain_id), 0)
FROM report_chains c;
CREATE TABLE push_place (
  xid      xid8 NOT NULL,
  event_id bigint NOT NULL DEFAULT 0,
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO push_place (xid) VALUES (pg_snapshot_xmin(pg_current_snapshot()));

CREATE OR REPLACE VIEW chain_places (follower, chain_id, seq) AS
SELECT 0, chain_id, seq FROM report_chains
UNION ALL
SELECT 1, c.chain_id, coalesce(s.seq, 0)
FROM report_chains c
LEFT JOIN transfer_search_chains s ON s.chain_id = c.chain_id
UNION ALL
SELECT 2, c.chain_id, coalesce(n.seq, 0)
FROM report_chains c
LEFT JOIN notice_chains n ON n.chain_id = c.chain_id
UNION ALL
SELECT 3, c.chain_id, coalesce(p.seq, 0)
FROM report_chains c
LEFT JOIN push_chains p ON p.chain_id = c.chain_id;

-- As window_notices(), of who has a browser that is told.
CREATE FUNCTION window_pushes(chain integer, after_seq bigint, last_seq bigint, since timestamptz, until timestamptz)
RETURNS TABLE (account_id uuid, seq bigint, transfer_id uuid, kind text, happened_at timestamptz)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN QUERY
  SELECT e.account_id, e.seq, e.transfer_id, entry_notice(e.kind, e.amount), e.created_at
  FROM entries e
  WHERE e.chain_id = chain AND e.batch_seq > after_seq AND e.batch_seq <= last_seq
    AND e.created_at >= window_pushes.since AND e.created_at < window_pushes.until
    AND e.created_at > now() - push_life() AND entry_notice(e.kind, e.amount) IS NOT NULL
    AND EXISTS (SELECT FROM push_subscriptions s WHERE s.user_id = e.account_id);
END $$;

-- Makes pushes of a chain's batches, all or none: answers how many of their transfers there are, as mail_batches() does.
-- This and push_events() alone write the outbox: no service can make up what was not told.
CREATE FUNCTION push_batches(chain integer, after_seq bigint, last_seq bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  place record;
BEGIN
  SELECT max(committed_at) AS until, coalesce(sum(transfer_count), 0)::bigint AS transfers INTO place
  FROM ledger_batches WHERE chain_id = chain AND seq > after_seq AND seq <= last_seq;
  IF place.until < now() - push_life() - interval '1 hour'  -- too old to be told
     OR NOT EXISTS (SELECT FROM push_subscriptions) THEN
    RETURN place.transfers;
  END IF;
  SELECT * INTO place FROM batch_window(chain, after_seq, last_seq);
  IF place.present = place.expected THEN
    -- Who goes meanwhile is passed over.
    WITH news AS MATERIALIZED (
      SELECT * FROM window_pushes(chain, after_seq, last_seq, place.since, place.until)
    ), browsers AS MATERIALIZED (
      SELECT s.id, s.user_id, s.created_at, push_origin(s.endpoint) AS origin FROM push_subscriptions s
      WHERE s.user_id IN (SELECT n.account_id FROM news n)
      FOR KEY SHARE
    ), today AS MATERIALIZED (
      SELECT b.id, (SELECT count(*) FROM push_outbox o
                    WHERE o.subscription_id = b.id AND o.entry_seq IS NOT NULL
                      AND o.created_at > now() - interval '24 hours') AS pushes
      FROM browsers b
    )
    INSERT INTO push_outbox (subscription_id, event_key, kind, origin, user_id, entry_seq, happened_at, expires_at)
    SELECT w.id, w.kind || '/' || w.transfer_id, w.kind, w.origin, w.account_id, w.seq, w.happened_at,
           w.happened_at + push_life()
    FROM (SELECT b.id, b.origin, n.*, row_number() OVER (PARTITION BY b.id ORDER BY n.seq) AS number
          FROM news n
          JOIN browsers b ON b.user_id = n.account_id AND b.created_at <= n.happened_at
          LEFT JOIN notice_settings p ON p.user_id = n.account_id
          WHERE wants_push(n.kind, p.push_money, p.push_requests, p.push_planned)) w
    JOIN today t ON t.id = w.id
    WHERE w.number <= money_pushes_a_day() AND w.number + t.pushes <= money_pushes_a_day()
    ON CONFLICT (subscription_id, event_key) DO NOTHING;
  END IF;
  RETURN place.present;
END $$;

-- Begins anew at the end of each chain: what is in a book that came from elsewhere was told there.
CREATE FUNCTION forget_pushes() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1919905904, 3);
  DELETE FROM push_chains;
  INSERT INTO push_chains (chain_id, seq)
  SELECT c.chain_id, coalesce((SELECT max(b.seq) FROM ledger_batches b WHERE b.chain_id = c.chain_id), 0)
  FROM report_chains c;
END $$;

-- Makes pushes of the next `at_most` events of both logs, which are one order; answers how many it has looked at, 0 when
-- another is at it. A place that lies ahead is of another cluster.
CREATE FUNCTION push_events(at_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  place push_place;
  seen bigint;
BEGIN
  -- Mostly there is nothing, and then nothing is locked.
  SELECT * INTO place FROM push_place;
  IF place.xid <= pg_snapshot_xmax(pg_current_snapshot())
     AND (SELECT v.id FROM request_events v
          WHERE (v.xid, v.id) > (place.xid, place.event_id) AND v.xid < pg_snapshot_xmin(pg_current_snapshot())
          ORDER BY v.xid, v.id LIMIT 1) IS NULL
     AND (SELECT u.id FROM user_events u
          WHERE (u.xid, u.id) > (place.xid, place.event_id) AND u.xid < pg_snapshot_xmin(pg_current_snapshot())
          ORDER BY u.xid, u.id LIMIT 1) IS NULL THEN
    RETURN 0;
  END IF;
  SELECT * INTO place FROM push_place FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  IF place.xid > pg_snapshot_xmax(pg_current_snapshot()) THEN
    UPDATE push_place SET xid = pg_snapshot_xmin(pg_current_snapshot()), event_id = 0;
    RETURN 0;
  END IF;
  WITH news AS MATERIALIZED (
    (SELECT v.xid, v.id, v.user_id, v.happened_at, v.change, v.request_id, v.hold_id, NULL::text AS kind
     FROM request_events v
     WHERE (v.xid, v.id) > (place.xid, place.event_id) AND v.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY v.xid, v.id LIMIT at_most)
    UNION ALL
    (SELECT u.xid, u.id, u.user_id, u.happened_at, NULL, NULL, NULL, u.kind
     FROM user_events u
     WHERE (u.xid, u.id) > (place.xid, place.event_id) AND u.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY u.xid, u.id LIMIT at_most)
    ORDER BY xid, id
    LIMIT at_most
  ), moved AS (
    UPDATE push_place SET xid = last.xid, event_id = last.id
    FROM (SELECT n.xid, n.id FROM news n ORDER BY n.xid DESC, n.id DESC LIMIT 1) AS last
  ), browsers AS MATERIALIZED (
    SELECT s.id, s.user_id, s.created_at, push_origin(s.endpoint) AS origin FROM push_subscriptions s
    WHERE s.user_id IN (SELECT n.user_id FROM news n)
    FOR KEY SHARE
  ), told AS (
    INSERT INTO push_outbox (subscription_id, event_key, kind, origin, user_id, event_id, happened_at, expires_at)
    SELECT b.id, w.told || '/' || w.id, w.told, b.origin, w.user_id, w.id, w.happened_at, w.happened_at + push_life()
    FROM (SELECT n.id, n.user_id, n.happened_at,
                 CASE WHEN n.kind IS NOT NULL THEN n.kind
                      WHEN n.hold_id IS NOT NULL THEN hold_notice(n.change, h.payer_id = n.user_id)
                      WHEN NOT EXISTS (SELECT FROM request_blocks x
                                       WHERE x.user_id = n.user_id AND x.blocked_id = r.payee_id)
                        THEN request_notice(n.change, r.payee_id <> n.user_id) END AS told
          FROM news n
          LEFT JOIN payment_requests r ON r.id = n.request_id
          LEFT JOIN holds h ON h.id = n.hold_id
          WHERE n.happened_at > now() - push_life()) w
    JOIN browsers b ON b.user_id = w.user_id AND b.created_at <= w.happened_at
    LEFT JOIN notice_settings p ON p.user_id = w.user_id
    WHERE w.told IS NOT NULL AND wants_push(w.told, p.push_money, p.push_requests, p.push_planned)
    ON CONFLICT (subscription_id, event_key) DO NOTHING
  )
  SELECT count(*) INTO seen FROM news;
  RETURN seen;
END $$;

-- Of who was erased nothing is kept here either.
CREATE FUNCTION erase_push() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM push_subscriptions WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_erased_push AFTER UPDATE OF erased_at ON users
  FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_push();

REVOKE EXECUTE ON FUNCTION forget_pushes(), end_push_subscription(), require_own_session(), erase_push(),
  register_push(uuid, uuid, uuid, text, bytea, bytea, text), push_batches(integer, bigint, bigint), push_events(integer)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_pushes(), register_push(uuid, uuid, uuid, text, bytea, bytea, text),
  push_batches(integer, bigint, bigint), push_events(integer) TO instapay_user;
GRANT INSERT (push_money, push_requests, push_planned, push_amounts),
  UPDATE (push_money, push_requests, push_planned, push_amounts) ON notice_settings TO instapay_user;
GRANT SELECT, DELETE, UPDATE (last_success_at, failures) ON push_subscriptions TO instapay_user;
GRANT SELECT, DELETE, UPDATE (state, attempts, next_attempt_at, finished_at, last_error) ON push_outbox TO instapay_user;
GRANT SELECT, INSERT, UPDATE ON push_chains TO instapay_user;
GRANT SELECT, INSERT, DELETE, UPDATE (failures, ends_at) ON push_pauses TO instapay_user;
