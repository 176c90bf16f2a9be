-- Mandates: what a payee may draw from a payer, agreed once, and what is drawn by them (docs/decisions/0038).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- The limits of mandates; src/core/limits.h has the same numbers.
CREATE FUNCTION mandates_a_payer() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 100 $$;
CREATE FUNCTION mandates_a_payee() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1000 $$;
CREATE FUNCTION mandates_a_pair() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 5 $$;
CREATE FUNCTION mandate_proposals_a_day() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 100 $$;
CREATE FUNCTION mandate_proposal_life() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '30 days' $$;
-- For how long a payer knows of a draw before it is paid, and how far ahead one can be announced.
CREATE FUNCTION draw_notice() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '24 hours' $$;
CREATE FUNCTION draw_horizon() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '92 days' $$;
CREATE FUNCTION draws_a_day() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 10 $$;

-- status: 0 proposed, 1 active, 2 declined, 3 cancelled. What is open past its time has expired.
CREATE TABLE mandates (
  id              uuid PRIMARY KEY,
  payer_id        uuid NOT NULL,
  payee_id        uuid NOT NULL,             -- who proposes, and draws
  per_draw        bigint NOT NULL,           -- minor units
  per_month       bigint NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz,
  accepted_at     timestamptz,
  ended_at        timestamptz,               -- declined or cancelled
  status          smallint NOT NULL DEFAULT 0,
  time_zone       text,                      -- the payer's, whose months are counted; as it was accepted
  note            text,
  end_reason      text,
  idempotency_key bytea NOT NULL,            -- of its creation, as in entries
  request_hash    bytea NOT NULL,
  CONSTRAINT mandates_idempotency UNIQUE (payee_id, idempotency_key),
  CONSTRAINT mandates_sides CHECK (payer_id <> payee_id),
  CONSTRAINT mandates_limits CHECK (
    per_draw BETWEEN 1 AND 9000000000000000 AND per_month BETWEEN per_draw AND 9000000000000000),
  CONSTRAINT mandates_expiry CHECK (expires_at > created_at),
  CONSTRAINT mandates_status CHECK (
    status BETWEEN 0 AND 3 AND (status IN (2, 3)) = (ended_at IS NOT NULL)
    AND (status IN (2, 3)) = (end_reason IS NOT NULL)
    AND (accepted_at IS NULL) = (time_zone IS NULL)
    AND (accepted_at IS NOT NULL OR status <> 1) AND (accepted_at IS NULL OR status NOT IN (0, 2))),
  CONSTRAINT mandates_end_reason CHECK (end_reason IN ('payer', 'payee', 'payer_closed', 'payee_closed')),
  CONSTRAINT mandates_texts CHECK (length(note) BETWEEN 1 AND 140 AND length(time_zone) <= 64),
  CONSTRAINT mandates_key CHECK (length(idempotency_key) = 16 AND length(request_hash) = 16)
);
CREATE INDEX mandates_payer ON mandates (payer_id, id);
CREATE INDEX mandates_payee ON mandates (payee_id, id);

-- What a payee draws: announced first, paid when it is due. The id is the payment's reference: of version 6, so that it
-- is neither a request's nor an occurrence's, and so one among a payee's entries (entries_requests).
-- status: 0 announced, 1 paid, 2 failed, 3 cancelled.
CREATE TABLE mandate_draws (
  id              uuid PRIMARY KEY,
  mandate_id      uuid NOT NULL REFERENCES mandates,
  payer_id        uuid NOT NULL,
  payee_id        uuid NOT NULL,
  transfer_id     uuid,
  amount          bigint NOT NULL,
  announced_at    timestamptz NOT NULL DEFAULT now(),
  due_at          timestamptz NOT NULL,
  try_at          timestamptz NOT NULL,      -- whoever tries moves it on, and has until then
  finished_at     timestamptz,
  due_on          date,                      -- the day that was asked for, of the payer's time zone
  month           date NOT NULL,             -- whose limit it takes up: that in which it is due
  tries           integer NOT NULL DEFAULT 0,
  status          smallint NOT NULL DEFAULT 0,
  notice          smallint NOT NULL DEFAULT 3, -- to be told: 1 that it waits for money, 2 that it has failed, 3 that it comes
  note            text,
  refusal         text,                      -- why it was not paid when that was last tried, or who has cancelled it
  idempotency_key bytea NOT NULL,            -- of its announcement, as in entries
  request_hash    bytea NOT NULL,
  CONSTRAINT mandate_draws_idempotency UNIQUE (payee_id, idempotency_key),
  CONSTRAINT mandate_draws_version CHECK (get_byte(uuid_send(id), 6) >> 4 = 6),
  CONSTRAINT mandate_draws_amount CHECK (amount BETWEEN 1 AND 9000000000000000),
  CONSTRAINT mandate_draws_status CHECK (
    status BETWEEN 0 AND 3 AND (status = 0) = (finished_at IS NULL) AND (status = 1) = (transfer_id IS NOT NULL)
    AND (status NOT IN (2, 3) OR refusal IS NOT NULL)),
  CONSTRAINT mandate_draws_notice CHECK (notice BETWEEN 0 AND 3),
  CONSTRAINT mandate_draws_note CHECK (length(note) BETWEEN 1 AND 140),
  CONSTRAINT mandate_draws_key CHECK (length(idempotency_key) = 16 AND length(request_hash) = 16)
);
CREATE INDEX mandate_draws_mandate ON mandate_draws (mandate_id, id);
CREATE INDEX mandate_draws_month ON mandate_draws (mandate_id, month);
CREATE INDEX mandate_draws_due ON mandate_draws (try_at) WHERE status = 0;
CREATE INDEX mandate_draws_notices ON mandate_draws (id) WHERE notice <> 0;
CREATE INDEX mandate_draws_payer ON mandate_draws (payer_id, id);
CREATE INDEX mandate_draws_payee ON mandate_draws (payee_id, id);

-- Whether a payment's reference is a draw's.
CREATE FUNCTION is_draw(reference uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT get_byte(uuid_send(reference), 6) >> 4 = 6 $$;

-- What may be drawn of until then; NULL: no end.
CREATE FUNCTION mandate_ends(m mandates) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN m.status = 0 THEN least(m.expires_at, m.created_at + mandate_proposal_life()) ELSE m.expires_at END
$$;

-- What counts against the limit of a month: what was paid of it and what is to be paid. What is refunded still counts.
CREATE FUNCTION drawn_in(mandate uuid, of_month date) RETURNS bigint
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT coalesce(sum(amount), 0)::bigint FROM mandate_draws
  WHERE mandate_id = mandate AND month = of_month AND status IN (0, 1)
$$;

-- The first day of the month of a moment, where somebody is.
CREATE FUNCTION month_of(at timestamptz, zone text) RETURNS date
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT date_trunc('month', day_of(at, zone)::timestamp)::date
$$;

-- Each payee's new mandates take turns, so that they are counted rightly. After the row is in the unique index of keys:
-- a repeated creation is not counted.
CREATE FUNCTION check_new_mandate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  today bigint;
  all_open bigint;
  of_pair bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(uuid_hash_extended(NEW.payee_id, 10));
  IF NEW.status <> 0 THEN
    RAISE EXCEPTION 'a mandate begins as a proposal' USING ERRCODE = '23514', CONSTRAINT = 'mandates_begin';
  END IF;
  IF NOT EXISTS (SELECT FROM accounts WHERE id = NEW.payee_id AND kind = 0 AND status = 0) THEN
    RAISE EXCEPTION 'the payee''s account is not active' USING ERRCODE = '23514', CONSTRAINT = 'mandates_payee_active';
  END IF;
  IF NOT may_ask(NEW.payee_id, NEW.payer_id) THEN
    RAISE EXCEPTION 'the payer does not allow it' USING ERRCODE = '23514', CONSTRAINT = 'mandates_allowed';
  END IF;
  SELECT count(*) INTO today
  FROM (SELECT created_at FROM mandates WHERE payee_id = NEW.payee_id
        ORDER BY id DESC LIMIT mandate_proposals_a_day() + 1) AS last
  WHERE last.created_at > now() - interval '24 hours';
  IF today > mandate_proposals_a_day() THEN
    RAISE EXCEPTION 'too many proposals a day' USING ERRCODE = '23514', CONSTRAINT = 'mandate_proposals_a_day';
  END IF;
  SELECT count(*), count(*) FILTER (WHERE m.payer_id = NEW.payer_id) INTO all_open, of_pair
  FROM mandates m
  WHERE m.payee_id = NEW.payee_id AND m.status IN (0, 1) AND coalesce(mandate_ends(m) > now(), true);
  IF all_open > mandates_a_payee() THEN
    RAISE EXCEPTION 'too many mandates' USING ERRCODE = '23514', CONSTRAINT = 'mandates_a_payee';
  END IF;
  IF of_pair > mandates_a_pair() THEN
    RAISE EXCEPTION 'too many mandates of two' USING ERRCODE = '23514', CONSTRAINT = 'mandates_a_pair';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER mandates_new AFTER INSERT ON mandates
  FOR EACH ROW EXECUTE FUNCTION check_new_mandate();

-- What was proposed stays so, but for a note that is erased. A proposal is answered once, what has ended stays ended.
CREATE FUNCTION keep_mandate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept mandates := NEW;
BEGIN
  IF (OLD.status = 0 AND NEW.status IN (1, 2, 3)) OR (OLD.status = 1 AND NEW.status = 3) THEN
    kept.status := OLD.status;
    kept.ended_at := OLD.ended_at;
    kept.end_reason := OLD.end_reason;
    IF NEW.status = 1 THEN
      kept.accepted_at := OLD.accepted_at;
      kept.time_zone := OLD.time_zone;
    END IF;
  END IF;
  IF kept.note IS NULL THEN
    kept.note := OLD.note;
  END IF;
  IF kept IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'mandate % cannot be changed so', OLD.id USING ERRCODE = 'IP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mandates_kept BEFORE UPDATE ON mandates
  FOR EACH ROW EXECUTE FUNCTION keep_mandate();
CREATE TRIGGER mandates_never_removed BEFORE DELETE OR TRUNCATE ON mandates
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Only what is still open is accepted, by somebody who may pay; theirs take turns, so that they are counted rightly.
CREATE FUNCTION check_accepted_mandate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(uuid_hash_extended(NEW.payer_id, 11));
  IF mandate_ends(OLD) <= now()
     OR (SELECT count(*) FROM accounts WHERE id IN (NEW.payer_id, NEW.payee_id) AND kind = 0 AND status <> 2) < 2 THEN
    RAISE EXCEPTION 'the proposal is not open any more' USING ERRCODE = '23514', CONSTRAINT = 'mandates_open';
  END IF;
  IF (SELECT count(*) FROM mandates WHERE payer_id = NEW.payer_id AND status = 1
      AND coalesce(expires_at > now(), true)) > mandates_a_payer() THEN
    RAISE EXCEPTION 'too many mandates' USING ERRCODE = '23514', CONSTRAINT = 'mandates_a_payer';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER mandates_accepted AFTER UPDATE OF status ON mandates
  FOR EACH ROW WHEN (OLD.status = 0 AND NEW.status = 1) EXECUTE FUNCTION check_accepted_mandate();

-- Of what is cancelled nothing is paid any more: not what was announced, nor what waits for money.
CREATE FUNCTION cancel_draws() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE mandate_draws SET status = 3, finished_at = now(), refusal = 'mandate_cancelled', notice = 0
  WHERE mandate_id = NEW.id AND status = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER mandates_stopped AFTER UPDATE OF status ON mandates
  FOR EACH ROW WHEN (OLD.status = 1 AND NEW.status <> 1) EXECUTE FUNCTION cancel_draws();

-- When a draw is due and which month it counts in follow from the rest of the row. Draws of one mandate take turns from
-- here on: its row is locked, so that the next trigger adds up rightly.
CREATE FUNCTION plan_draw() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  m mandates;
BEGIN
  SELECT * INTO m FROM mandates WHERE id = NEW.mandate_id AND payee_id = NEW.payee_id FOR NO KEY UPDATE;
  IF m.id IS NULL THEN
    RAISE EXCEPTION 'no mandate of this payee' USING ERRCODE = '23514', CONSTRAINT = 'mandate_draws_payee';
  END IF;
  NEW.payer_id := m.payer_id;
  NEW.announced_at := now();
  NEW.due_at := greatest(now() + draw_notice(), day_begins(NEW.due_on, coalesce(m.time_zone, 'UTC')));
  NEW.try_at := NEW.due_at;
  NEW.month := month_of(NEW.due_at, coalesce(m.time_zone, 'UTC'));
  RETURN NEW;
END $$;
CREATE TRIGGER mandate_draws_planned BEFORE INSERT ON mandate_draws
  FOR EACH ROW EXECUTE FUNCTION plan_draw();

-- A draw stays within the mandate. After the row is in the unique index of keys: a repeated one is not counted.
CREATE FUNCTION check_new_draw() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  m mandates;
  broken text;
BEGIN
  SELECT * INTO m FROM mandates WHERE id = NEW.mandate_id;
  broken := CASE
    WHEN NEW.status <> 0 OR NEW.tries <> 0 THEN 'mandate_draws_begin'
    WHEN m.status <> 1 OR m.expires_at <= now() THEN 'mandate_draws_active'
    WHEN NOT EXISTS (SELECT FROM accounts WHERE id = m.payee_id AND kind = 0 AND status = 0) THEN 'mandates_payee_active'
    WHEN EXISTS (SELECT FROM request_blocks WHERE user_id = m.payer_id AND blocked_id = m.payee_id)
      THEN 'mandates_allowed'
    WHEN NEW.due_on <> day_of(NEW.due_at, m.time_zone) OR NEW.due_at > now() + draw_horizon() THEN 'mandate_draws_due'
    WHEN NEW.due_at >= m.expires_at THEN 'mandate_draws_expiry'
    WHEN NEW.amount > m.per_draw THEN 'mandate_draws_per_draw'
    WHEN drawn_in(m.id, NEW.month) > m.per_month THEN 'mandate_draws_per_month'
    WHEN (SELECT count(*) FROM mandate_draws
          WHERE mandate_id = m.id AND announced_at > now() - interval '24 hours') > draws_a_day() THEN 'draws_a_day'
  END;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'the mandate does not allow it' USING ERRCODE = '23514', CONSTRAINT = broken;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER mandate_draws_new AFTER INSERT ON mandate_draws
  FOR EACH ROW EXECUTE FUNCTION check_new_draw();

-- What was announced stays so, but for a note that is erased; what was settled stays settled.
CREATE FUNCTION keep_draw() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept mandate_draws := NEW;
BEGIN
  kept.notice := OLD.notice;
  IF OLD.status = 0 THEN
    kept.status := OLD.status;
    kept.transfer_id := OLD.transfer_id;
    kept.finished_at := OLD.finished_at;
    kept.refusal := OLD.refusal;
    kept.try_at := OLD.try_at;
    kept.tries := OLD.tries;
  END IF;
  IF kept.note IS NULL THEN
    kept.note := OLD.note;
  END IF;
  IF kept IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'draw % cannot be changed so', OLD.id USING ERRCODE = 'IP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mandate_draws_kept BEFORE UPDATE ON mandate_draws
  FOR EACH ROW EXECUTE FUNCTION keep_draw();
CREATE TRIGGER mandate_draws_never_removed BEFORE DELETE OR TRUNCATE ON mandate_draws
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- As settle_occurrence(): a payment that refers to a draw is the one that was announced, not before it is due, and
-- settles it in the payment's own transaction.
CREATE FUNCTION settle_draw(draw uuid, payer uuid, payee uuid, paid bigint, transfer uuid, at timestamptz)
RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  -- The mandate before its draws, as everybody locks them: or a cancelled mandate and a batch wait for each other.
  PERFORM FROM mandates m JOIN mandate_draws d ON d.mandate_id = m.id WHERE d.id = draw FOR SHARE OF m;
  UPDATE mandate_draws d
  SET status = 1, transfer_id = transfer, finished_at = at, refusal = NULL, notice = 0
  FROM mandates m
  WHERE d.id = draw AND d.payer_id = payer AND d.payee_id = payee AND d.amount = paid AND d.status = 0 AND d.due_at <= at
    AND m.id = d.mandate_id AND m.status = 1 AND coalesce(m.expires_at > at, true);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'draw % may not be paid so', draw USING ERRCODE = 'IP008';
  END IF;
END $$;

-- As it was made in 0013, with draws told apart by the version of the reference.
CREATE OR REPLACE FUNCTION settle_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  asked payment_requests;
BEGIN
  IF is_draw(NEW.reference) THEN
    PERFORM settle_draw(NEW.reference, NEW.counterparty_id, NEW.account_id, NEW.amount, NEW.transfer_id,
                        NEW.created_at);
    RETURN NULL;
  END IF;
  IF NOT is_request(NEW.reference) THEN
    PERFORM settle_occurrence(NEW.reference, NEW.counterparty_id, NEW.account_id, NEW.amount, NEW.transfer_id,
                              NEW.created_at);
    RETURN NULL;
  END IF;
  SELECT * INTO asked FROM payment_requests WHERE id = NEW.reference FOR NO KEY UPDATE;
  IF asked.id IS NULL OR asked.payee_id <> NEW.account_id OR asked.payer_id <> NEW.counterparty_id
     OR asked.amount <> NEW.amount OR asked.status NOT IN (0, 2) OR asked.expires_at <= NEW.created_at THEN
    RAISE EXCEPTION 'request % may not be paid so', NEW.reference USING ERRCODE = 'IP008';
  END IF;
  IF asked.status = 0 THEN
    UPDATE payment_requests
    SET status = CASE WHEN is_paid_once(id) THEN 1 ELSE 2 END,
        transfer_id = CASE WHEN is_paid_once(id) THEN NEW.transfer_id END,
        paid_at = NEW.created_at
    WHERE id = asked.id;
  END IF;
  RETURN NULL;
END $$;

-- As refuse_occurrence(). Locks are taken in the order account, mandate, draw.
CREATE FUNCTION refuse_draw(draw uuid, try integer, why text, retried boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  d mandate_draws;
  again boolean;
BEGIN
  PERFORM FROM mandates WHERE id = (SELECT mandate_id FROM mandate_draws WHERE id = draw) FOR NO KEY UPDATE;
  SELECT * INTO d FROM mandate_draws WHERE id = draw AND tries = try AND status = 0 FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN 'settled';
  END IF;
  again := retried AND now() + occurrence_retry_period() < d.due_at + occurrence_life();
  UPDATE mandate_draws
  SET refusal = why,
      try_at = CASE WHEN again THEN now() + occurrence_retry_period() ELSE try_at END,
      status = CASE WHEN again THEN 0 ELSE 2 END,
      finished_at = CASE WHEN again THEN NULL ELSE now() END,
      notice = CASE WHEN NOT again THEN 2 WHEN refusal IS NULL THEN 1 ELSE notice END
  WHERE id = draw;
  RETURN CASE WHEN again THEN 'retried' ELSE 'failed' END;
END $$;

-- Cancels one draw: its payer refuses it, or its payee takes it back. False: it is neither's, or it is settled.
CREATE FUNCTION cancel_draw(draw uuid, person uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM FROM mandates WHERE id = (SELECT mandate_id FROM mandate_draws WHERE id = draw) FOR NO KEY UPDATE;
  UPDATE mandate_draws
  SET status = 3, finished_at = now(), refusal = CASE WHEN payer_id = person THEN 'payer' ELSE 'payee' END, notice = 0
  WHERE id = draw AND person IN (payer_id, payee_id) AND status = 0;
  RETURN FOUND;
END $$;

-- Whoever closes an account ends its mandates, on both sides; at the end of the transaction, as schedules are (0013).
CREATE FUNCTION end_mandates_of_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE mandates
  SET status = 3, ended_at = now(),
      end_reason = CASE WHEN payer_id = NEW.id THEN 'payer_closed' ELSE 'payee_closed' END
  WHERE id IN (SELECT id FROM mandates WHERE NEW.id IN (payer_id, payee_id) AND status IN (0, 1)
               ORDER BY id FOR NO KEY UPDATE);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_closed_mandates AFTER UPDATE OF status ON accounts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status <> 2 AND NEW.status = 2) EXECUTE FUNCTION end_mandates_of_closed();

-- Erasure: the account is closed, so nothing is drawn; what the person wrote goes.
CREATE FUNCTION erase_mandates(person uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  UPDATE mandate_draws SET note = NULL WHERE payee_id = person AND note IS NOT NULL;
  WITH erased AS (
    UPDATE mandates SET note = NULL WHERE payee_id = person AND note IS NOT NULL RETURNING 1
  )
  SELECT count(*) FROM erased
$$;

-- Mandates as people see them. state: 0 proposed, 1 active, 2 declined, 3 cancelled, 4 expired.
CREATE VIEW mandate_details AS
SELECT m.id, m.payer_id, payer.username AS payer_username, payer.display_name AS payer_name,
       m.payee_id, payee.username AS payee_username, payee.display_name AS payee_name,
       m.per_draw, m.per_month, m.note,
       CASE WHEN m.status IN (0, 1) AND mandate_ends(m) <= now() THEN 4 ELSE m.status END::smallint AS state,
       m.time_zone, m.created_at, m.accepted_at, m.expires_at, m.ended_at, m.end_reason,
       CASE WHEN m.status = 1 THEN m.per_month - drawn_in(m.id, month_of(now(), m.time_zone)) END AS left_this_month,
       next.amount AS next_amount, next.due_at AS next_due_at
FROM mandates m
JOIN users payer ON payer.id = m.payer_id
JOIN users payee ON payee.id = m.payee_id
LEFT JOIN LATERAL (
  SELECT d.amount, d.due_at FROM mandate_draws d
  WHERE d.mandate_id = m.id AND d.status = 0 ORDER BY d.due_at, d.id LIMIT 1) AS next ON true;

-- What happens to mandates and draws is told as outcomes of schedules are (0025). NOT VALID: what is there already
-- satisfied a narrower rule.
ALTER TABLE user_events
  ADD COLUMN mandate_id uuid,
  ADD COLUMN draw_id uuid,
  DROP CONSTRAINT user_events_kind,
  ADD CONSTRAINT user_events_kind CHECK (kind IN (
    'schedule_paid', 'schedule_waits', 'schedule_failed', 'schedule_not_received',
    'mandate_proposed', 'mandate_accepted', 'mandate_declined', 'mandate_cancelled',
    'draw_announced', 'draw_paid', 'draw_waits', 'draw_delayed', 'draw_failed', 'draw_not_received',
    'draw_refused', 'draw_withdrawn',
    'new_device', 'password_changed', 'email_changed', 'app_added', 'passkey_added', 'passkey_removed',
    'factors_removed')) NOT VALID,
  ADD CONSTRAINT user_events_mandate CHECK (
    (starts_with(kind, 'mandate_') OR starts_with(kind, 'draw_')) = (mandate_id IS NOT NULL)
    AND starts_with(kind, 'draw_') = (draw_id IS NOT NULL)) NOT VALID;

CREATE FUNCTION add_mandate_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO user_events (user_id, kind, mandate_id)
  VALUES (CASE WHEN NEW.status = 0 OR (NEW.status = 3 AND NEW.end_reason IN ('payee', 'payee_closed'))
               THEN NEW.payer_id ELSE NEW.payee_id END,
          (ARRAY['mandate_proposed', 'mandate_accepted', 'mandate_declined', 'mandate_cancelled'])[NEW.status + 1], NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER mandates_proposed AFTER INSERT ON mandates
  FOR EACH ROW EXECUTE FUNCTION add_mandate_event();
CREATE TRIGGER mandates_told AFTER UPDATE OF status ON mandates
  FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION add_mandate_event();

-- That money came is told to the payee by the entry. What a mandate's end takes along is told by that.
CREATE FUNCTION add_draw_events() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO user_events (user_id, kind, mandate_id, draw_id)
  SELECT told.user_id, told.kind, NEW.mandate_id, NEW.id
  FROM (VALUES ('announced', NEW.payer_id, 'draw_announced'), ('paid', NEW.payer_id, 'draw_paid'),
               ('waits', NEW.payer_id, 'draw_waits'), ('waits', NEW.payee_id, 'draw_delayed'),
               ('failed', NEW.payer_id, 'draw_failed'), ('failed', NEW.payee_id, 'draw_not_received'),
               ('payer', NEW.payee_id, 'draw_refused'), ('payee', NEW.payer_id, 'draw_withdrawn'))
    AS told (what, user_id, kind)
  WHERE told.what = CASE WHEN TG_OP = 'INSERT' THEN 'announced' WHEN NEW.status = 0 THEN 'waits' WHEN NEW.status = 1 THEN 'paid'
                         WHEN NEW.status = 2 THEN 'failed' ELSE NEW.refusal END;
  RETURN NULL;
END $$;
CREATE TRIGGER mandate_draws_announced AFTER INSERT ON mandate_draws
  FOR EACH ROW EXECUTE FUNCTION add_draw_events();
CREATE TRIGGER mandate_draws_told AFTER UPDATE ON mandate_draws
  FOR EACH ROW WHEN (OLD.status = 0 AND (NEW.status <> 0 OR (OLD.refusal IS NULL AND NEW.refusal IS NOT NULL)))
  EXECUTE FUNCTION add_draw_events();

-- Mails about a draw name it.
ALTER TABLE mail_outbox
  ADD COLUMN draw_id uuid,
  DROP CONSTRAINT mail_outbox_kind,
  ADD CONSTRAINT mail_outbox_kind CHECK (kind IN (
    'verify_email', 'password_reset', 'password_changed', 'schedule_waits', 'schedule_failed',
    'schedule_not_received', 'draw_announced', 'draw_waits', 'draw_failed', 'draw_not_received',
    'email_change', 'email_changed', 'new_device', 'app_added', 'passkey_added',
    'passkey_removed', 'factors_removed', 'large_payment', 'money_in', 'request_created', 'request_reminded',
    'request_declined', 'daily_summary')) NOT VALID,
  ADD CONSTRAINT mail_outbox_draw CHECK (starts_with(kind, 'draw_') = (draw_id IS NOT NULL)) NOT VALID;

REVOKE EXECUTE ON FUNCTION erase_mandates(uuid), refuse_draw(uuid, integer, text, boolean), cancel_draw(uuid, uuid),
  settle_draw(uuid, uuid, uuid, bigint, uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_mandates(uuid) TO instapay_user;
GRANT EXECUTE ON FUNCTION refuse_draw(uuid, integer, text, boolean), cancel_draw(uuid, uuid) TO instapay_transaction;
-- Whoever has a committer reads what payments refer to.
GRANT SELECT ON mandates, mandate_draws, mandate_details TO instapay_user, instapay_transaction;
GRANT INSERT (id, payer_id, payee_id, per_draw, per_month, expires_at, note, idempotency_key, request_hash),
  UPDATE (status, accepted_at, time_zone, ended_at, end_reason) ON mandates TO instapay_transaction;
GRANT INSERT (id, mandate_id, payee_id, amount, due_on, note, idempotency_key, request_hash),
  UPDATE (try_at, tries) ON mandate_draws TO instapay_transaction;
GRANT UPDATE (notice) ON mandate_draws TO instapay_user;
