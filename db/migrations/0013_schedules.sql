-- Scheduled payments and standing orders (docs/decisions/0028).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- The limits of schedules; src/core/limits.h has the same numbers.
CREATE FUNCTION schedules_a_person() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 100 $$;
CREATE FUNCTION schedule_horizon() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '5 years' $$;
CREATE FUNCTION occurrence_retry_period() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '6 hours' $$;
CREATE FUNCTION occurrence_life() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '3 days' $$;
-- For how long an occurrence is a worker's alone; longer than a payment may take.
CREATE FUNCTION occurrence_lease() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '30 seconds' $$;

-- Occurrence `number` is due (number - first_number) * every weeks, months or years after `starts`, by the clock on
-- the wall of the time zone. An edit sets both anew, so that numbers go on.
-- repeats: 0 never, 1 weekly, 2 monthly, 3 yearly. status: 0 active, 1 paused, 2 cancelled.
CREATE TABLE schedules (
  id              uuid PRIMARY KEY,
  payer_id        uuid NOT NULL,
  payee_id        uuid NOT NULL,
  amount          bigint NOT NULL,           -- minor units
  starts          timestamp NOT NULL,        -- occurrence first_number, on the wall
  first_at        timestamptz NOT NULL,      -- when the first was due as it was made
  next_at         timestamptz,               -- of occurrence next_number; NULL: none is to come
  created_at      timestamptz NOT NULL DEFAULT now(),
  ended_at        timestamptz,               -- cancelled
  ends_on         date,                      -- the last day, of the time zone
  first_number    integer NOT NULL DEFAULT 1,
  next_number     integer NOT NULL DEFAULT 1,
  last_number     integer,
  every           integer NOT NULL,
  repeats         smallint NOT NULL,
  status          smallint NOT NULL DEFAULT 0,
  time_zone       text NOT NULL,
  note            text,
  end_reason      text,
  idempotency_key bytea NOT NULL,            -- of its creation, as in entries
  request_hash    bytea NOT NULL,
  CONSTRAINT schedules_idempotency UNIQUE (payer_id, idempotency_key),
  CONSTRAINT schedules_sides CHECK (payer_id <> payee_id),
  CONSTRAINT schedules_amount CHECK (amount BETWEEN 1 AND 9000000000000000),
  CONSTRAINT schedules_rule CHECK (repeats BETWEEN 0 AND 3 AND every BETWEEN 1 AND 100),
  CONSTRAINT schedules_numbers CHECK (
    first_number BETWEEN 1 AND next_number AND last_number BETWEEN 1 AND 1000),
  CONSTRAINT schedules_status CHECK (
    status IN (0, 1, 2) AND (status = 2) = (ended_at IS NOT NULL) AND (status = 2) = (end_reason IS NOT NULL)
    AND (status <> 2 OR next_at IS NULL)),
  CONSTRAINT schedules_end_reason CHECK (end_reason IN ('payer', 'payer_closed', 'payee_closed')),
  CONSTRAINT schedules_texts CHECK (length(note) BETWEEN 1 AND 140 AND length(time_zone) <= 64),
  CONSTRAINT schedules_key CHECK (length(idempotency_key) = 16 AND length(request_hash) = 16)
);
CREATE INDEX schedules_payer ON schedules (payer_id, id);
CREATE INDEX schedules_due ON schedules (next_at) WHERE status = 0 AND next_at IS NOT NULL;

-- What has become due, or was skipped. The id is the payment's reference: of version 4, so that it is no request's, and
-- so one among a payee's entries (entries_requests).
-- status: 0 waiting to be paid, 1 paid, 2 failed, 3 skipped.
CREATE TABLE schedule_occurrences (
  schedule_id uuid NOT NULL REFERENCES schedules,
  id          uuid NOT NULL DEFAULT gen_random_uuid(),
  payer_id    uuid NOT NULL,
  payee_id    uuid NOT NULL,
  transfer_id uuid,
  amount      bigint NOT NULL,
  due_at      timestamptz NOT NULL,
  try_at      timestamptz NOT NULL DEFAULT now(),  -- whoever tries moves it on, and has until then
  finished_at timestamptz,
  number      integer NOT NULL,
  tries       integer NOT NULL DEFAULT 0,
  status      smallint NOT NULL DEFAULT 0,
  notice      smallint NOT NULL DEFAULT 0,         -- to be told: 1 that it waits for money, 2 that it has failed
  refusal     text,                                -- why it was not paid when that was last tried
  PRIMARY KEY (schedule_id, number),
  CONSTRAINT schedule_occurrences_id UNIQUE (id),
  CONSTRAINT schedule_occurrences_version CHECK (get_byte(uuid_send(id), 6) >> 4 = 4),
  CONSTRAINT schedule_occurrences_amount CHECK (amount BETWEEN 1 AND 9000000000000000),
  CONSTRAINT schedule_occurrences_status CHECK (
    status BETWEEN 0 AND 3 AND (status = 0) = (finished_at IS NULL) AND (status = 1) = (transfer_id IS NOT NULL)
    AND (status <> 2 OR refusal IS NOT NULL)),
  CONSTRAINT schedule_occurrences_notice CHECK (notice BETWEEN 0 AND 2)
);
-- One after the other: the next does not begin before the last is settled.
CREATE UNIQUE INDEX schedule_occurrences_waiting ON schedule_occurrences (schedule_id) WHERE status = 0;
CREATE INDEX schedule_occurrences_due ON schedule_occurrences (try_at) WHERE status = 0;
CREATE INDEX schedule_occurrences_notices ON schedule_occurrences (id) WHERE notice <> 0;

-- When an occurrence is due; NULL: it is past the end. The one place that makes times of rules. A day that a month
-- lacks is its last one; a time that clocks skip comes as much later; of a time that comes twice it is the second.
CREATE FUNCTION occurrence_time(
  starts timestamp, zone text, repeats smallint, every integer, step integer, ends_on date
) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN (repeats = 0 AND step > 0) OR wall::date > ends_on THEN NULL ELSE wall AT TIME ZONE zone END
  FROM (
    SELECT starts + CASE repeats
                      WHEN 1 THEN step * every * interval '7 days'
                      WHEN 2 THEN step * every * interval '1 month'
                      WHEN 3 THEN step * every * interval '1 year'
                      ELSE interval '0'
                    END AS wall
  ) AS rule
$$;
CREATE FUNCTION occurrence_of(s schedules, number integer) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN number > s.last_number THEN NULL
              ELSE occurrence_time(s.starts, s.time_zone, s.repeats, s.every, number - s.first_number, s.ends_on) END
$$;

-- A moment as the payer's clocks show it, for messages; as UTC when the database does not know the zone any more.
CREATE FUNCTION time_as_told(at timestamptz, zone text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
BEGIN
  RETURN to_char(at AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI (') || zone || ')';
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI (UTC)');
END $$;

-- next_at follows from the rest of the row, whoever writes it. To pause one plans nothing, so that it can be done to
-- one whose time zone is gone too.
CREATE FUNCTION plan_next() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.status = 2 THEN
    NEW.next_at := NULL;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.status = 0 AND NEW.status = 1 THEN
    RETURN NEW;
  END IF;
  NEW.next_at := occurrence_of(NEW, NEW.next_number);
  IF TG_OP = 'INSERT' THEN
    NEW.first_at := NEW.next_at;
  END IF;
  IF NEW.next_at IS NULL
     AND (TG_OP = 'INSERT' OR (NEW.ends_on, NEW.last_number) IS DISTINCT FROM (OLD.ends_on, OLD.last_number)
          OR NEW.starts <> OLD.starts) THEN
    RAISE EXCEPTION 'nothing is left to come' USING ERRCODE = '23514', CONSTRAINT = 'schedules_some';
  END IF;
  IF (TG_OP = 'INSERT' OR NEW.first_number <> OLD.first_number OR NEW.starts <> OLD.starts)
     AND (NEW.next_at <= now() OR NEW.next_at > now() + schedule_horizon()) THEN
    RAISE EXCEPTION 'not in the time to come' USING ERRCODE = '23514', CONSTRAINT = 'schedules_horizon';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER schedules_next BEFORE INSERT OR UPDATE ON schedules
  FOR EACH ROW EXECUTE FUNCTION plan_next();

-- Each person's new schedules take turns, so that they are counted rightly. After the row is in the unique index of
-- keys: a repeated creation is not counted.
CREATE FUNCTION check_new_schedule() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(uuid_hash_extended(NEW.payer_id, 9));
  IF NEW.status <> 0 OR NEW.next_number <> 1 THEN
    RAISE EXCEPTION 'a schedule begins at its beginning' USING ERRCODE = '23514', CONSTRAINT = 'schedules_begin';
  END IF;
  IF (SELECT count(*) FROM schedules WHERE payer_id = NEW.payer_id AND status <> 2 AND next_at IS NOT NULL)
     > schedules_a_person() THEN
    RAISE EXCEPTION 'too many schedules' USING ERRCODE = '23514', CONSTRAINT = 'schedules_a_person';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER schedules_new AFTER INSERT ON schedules
  FOR EACH ROW EXECUTE FUNCTION check_new_schedule();

-- What was agreed stays: who pays whom, and its key. What was cancelled stays cancelled, but for a note that is erased.
CREATE FUNCTION keep_schedule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.payer_id, NEW.payee_id, NEW.first_at, NEW.created_at, NEW.idempotency_key, NEW.request_hash)
     IS DISTINCT FROM
     (OLD.id, OLD.payer_id, OLD.payee_id, OLD.first_at, OLD.created_at, OLD.idempotency_key, OLD.request_hash)
     OR NEW.next_number < OLD.next_number OR (OLD.status = 2 AND NEW.status <> 2) THEN
    RAISE EXCEPTION 'schedule % cannot be changed so', OLD.id USING ERRCODE = 'IP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER schedules_kept BEFORE UPDATE ON schedules
  FOR EACH ROW EXECUTE FUNCTION keep_schedule();
CREATE TRIGGER schedules_never_removed BEFORE DELETE OR TRUNCATE ON schedules
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was settled stays settled.
CREATE FUNCTION keep_occurrence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept schedule_occurrences := NEW;
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
  IF kept IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'occurrence % cannot be changed so', OLD.id USING ERRCODE = 'IP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER schedule_occurrences_kept BEFORE UPDATE ON schedule_occurrences
  FOR EACH ROW EXECUTE FUNCTION keep_occurrence();
CREATE TRIGGER schedule_occurrences_never_removed BEFORE DELETE OR TRUNCATE ON schedule_occurrences
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Of what is paused or cancelled nothing is paid: not what waits for money either.
CREATE FUNCTION skip_waiting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE schedule_occurrences SET status = 3, finished_at = now() WHERE schedule_id = NEW.id AND status = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER schedules_stopped AFTER UPDATE OF status ON schedules
  FOR EACH ROW WHEN (OLD.status = 0 AND NEW.status <> 0) EXECUTE FUNCTION skip_waiting();

-- A payment that refers to an occurrence is the one that it allows, and settles it, in the payment's own transaction.
-- Whoever skips it, gives it up or pays it at the same moment waits for its row. IP008: it may not be paid so.
CREATE FUNCTION settle_occurrence(occurrence uuid, payer uuid, payee uuid, paid bigint, transfer uuid, at timestamptz)
RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE schedule_occurrences
  SET status = 1, transfer_id = transfer, finished_at = at, refusal = NULL, notice = 0
  WHERE id = occurrence AND payer_id = payer AND payee_id = payee AND amount = paid AND status = 0;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'occurrence % may not be paid so', occurrence USING ERRCODE = 'IP008';
  END IF;
END $$;

-- As it was made in 0007, with occurrences told apart by the version of the reference.
CREATE OR REPLACE FUNCTION settle_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  asked payment_requests;
BEGIN
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

-- Whether a payment's reference is a payment request's.
CREATE FUNCTION is_request(reference uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT get_byte(uuid_send(reference), 6) >= 112 $$;

-- What follows is the worker's. Locks are taken in the order account, schedule, occurrence.

-- Begins what is due, the longest due first, one occurrence of each schedule; returns how many schedules it has looked
-- at. Too old: it has failed before it began. One whose time zone the database does not know any more is passed over,
-- and looked at again each time; schedule_lag tells.
CREATE FUNCTION begin_occurrences(at_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  s schedules;
  due timestamptz;
  seen integer := 0;
BEGIN
  FOR s IN
    SELECT * FROM schedules d
    WHERE d.status = 0 AND d.next_at <= now()
      AND NOT EXISTS (SELECT FROM schedule_occurrences o WHERE o.schedule_id = d.id AND o.status = 0)
    ORDER BY d.next_at LIMIT at_most
    FOR UPDATE SKIP LOCKED
  LOOP
    BEGIN
      due := occurrence_of(s, s.next_number);
    EXCEPTION WHEN invalid_parameter_value THEN
      CONTINUE;
    END;
    seen := seen + 1;
    -- The rules of the zone may have changed since it was planned; a row that is written is planned anew.
    IF due > now() THEN
      UPDATE schedules SET next_number = next_number WHERE id = s.id;
      CONTINUE;
    END IF;
    INSERT INTO schedule_occurrences
      (schedule_id, number, payer_id, payee_id, amount, due_at, status, refusal, finished_at, notice)
    SELECT s.id, s.next_number, s.payer_id, s.payee_id, s.amount, due, CASE WHEN late THEN 2 ELSE 0 END,
           CASE WHEN late THEN 'too_late' END, CASE WHEN late THEN now() END, CASE WHEN late THEN 2 ELSE 0 END
    FROM (SELECT due < now() - occurrence_life() AS late) AS age;
    UPDATE schedules SET next_number = next_number + 1 WHERE id = s.id;
  END LOOP;
  RETURN seen;
END $$;

-- Writes down why an occurrence was not paid, unless that is settled, or another has tried since. It is tried again
-- while there is time, where `retried` says that this may help; a closed account ends the schedule.
CREATE FUNCTION refuse_occurrence(occurrence uuid, try integer, why text, retried boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  o schedule_occurrences;
  gone text;
  again boolean;
BEGIN
  PERFORM FROM schedules
  WHERE id = (SELECT schedule_id FROM schedule_occurrences WHERE id = occurrence) FOR NO KEY UPDATE;
  SELECT * INTO o FROM schedule_occurrences WHERE id = occurrence AND tries = try AND status = 0 FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN 'settled';
  END IF;
  SELECT CASE WHEN a.id = o.payer_id THEN 'payer_closed' ELSE 'payee_closed' END INTO gone
  FROM accounts a WHERE a.id IN (o.payer_id, o.payee_id) AND a.status = 2 ORDER BY a.id = o.payer_id DESC LIMIT 1;
  again := retried AND gone IS NULL AND now() + occurrence_retry_period() < o.due_at + occurrence_life();
  UPDATE schedule_occurrences
  SET refusal = why,
      try_at = CASE WHEN again THEN now() + occurrence_retry_period() ELSE try_at END,
      status = CASE WHEN again THEN 0 ELSE 2 END,
      finished_at = CASE WHEN again THEN NULL ELSE now() END,
      notice = CASE WHEN NOT again THEN 2 WHEN refusal IS NULL THEN 1 ELSE notice END
  WHERE id = occurrence;
  IF gone IS NOT NULL THEN
    UPDATE schedules SET status = 2, ended_at = now(), end_reason = gone WHERE id = o.schedule_id AND status <> 2;
  END IF;
  RETURN CASE WHEN again THEN 'retried' ELSE 'failed' END;
END $$;

-- Skips one: the next to come, or the one that waits for money. False: it is neither.
CREATE FUNCTION skip_occurrence(schedule uuid, payer uuid, skipped integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  s schedules;
BEGIN
  SELECT * INTO s FROM schedules WHERE id = schedule AND payer_id = payer FOR NO KEY UPDATE;
  IF s.id IS NULL THEN
    RETURN false;
  END IF;
  UPDATE schedule_occurrences SET status = 3, finished_at = now()
  WHERE schedule_id = s.id AND number = skipped AND status = 0;
  IF FOUND OR EXISTS (SELECT FROM schedule_occurrences
                      WHERE schedule_id = s.id AND number = skipped AND status = 3) THEN
    RETURN true;
  END IF;
  IF s.status = 2 OR s.next_at IS NULL OR s.next_number <> skipped THEN
    RETURN false;
  END IF;
  INSERT INTO schedule_occurrences (schedule_id, number, payer_id, payee_id, amount, due_at, status, finished_at)
  VALUES (s.id, s.next_number, s.payer_id, s.payee_id, s.amount, s.next_at, 3, now());
  UPDATE schedules SET next_number = next_number + 1 WHERE id = s.id;
  RETURN true;
END $$;

-- The number of the first occurrence from `number` on that is still to come; where none is, the one after the last.
CREATE FUNCTION occurrence_to_come(s schedules) RETURNS integer LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  number integer := s.next_number;
BEGIN
  WHILE occurrence_of(s, number) <= now() LOOP
    number := number + 1;
  END LOOP;
  RETURN number;
END $$;

-- Whoever closes an account ends what it would have paid. At the end of the transaction, when the account's entry is
-- there: a payment has its entries before it takes an occurrence, too, so that neither waits for the other in a circle.
CREATE FUNCTION end_schedules_of_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE schedules SET status = 2, ended_at = now(), end_reason = 'payer_closed'
  WHERE payer_id = NEW.id AND status <> 2 AND (next_at IS NOT NULL OR EXISTS (
    SELECT FROM schedule_occurrences o WHERE o.schedule_id = schedules.id AND o.status = 0));
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_closed_schedules AFTER UPDATE OF status ON accounts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status <> 2 AND NEW.status = 2) EXECUTE FUNCTION end_schedules_of_closed();

-- Erasure: the account is closed, so nothing is to come; what the person wrote goes.
CREATE FUNCTION erase_schedules(person uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  WITH erased AS (
    UPDATE schedules SET note = NULL WHERE payer_id = person AND note IS NOT NULL RETURNING 1
  )
  SELECT count(*) FROM erased
$$;

-- Schedules as their payers see them. state: 0 active, 1 paused, 2 cancelled, 3 completed.
CREATE VIEW schedule_details AS
SELECT s.id, s.payer_id, s.payee_id, payee.username AS payee_username, payee.display_name AS payee_name, s.amount,
       s.note, s.repeats, s.every, to_char(s.starts, 'YYYY-MM-DD"T"HH24:MI') AS starts, s.time_zone,
       to_char(s.ends_on, 'YYYY-MM-DD') AS ends_on, s.last_number,
       CASE WHEN s.status = 0 AND s.next_at IS NULL AND w.number IS NULL THEN 3 ELSE s.status END::smallint AS state,
       s.next_number, s.next_at, s.first_at, s.created_at, s.ended_at, s.end_reason,
       w.number AS waiting_number, w.due_at AS waiting_due_at, w.try_at AS waiting_try_at,
       w.amount AS waiting_amount, w.refusal AS waiting_refusal
FROM schedules s
JOIN users payee ON payee.id = s.payee_id
LEFT JOIN schedule_occurrences w ON w.schedule_id = s.id AND w.status = 0;

-- Mails about an occurrence name it.
ALTER TABLE mail_outbox
  ADD COLUMN occurrence_id uuid,
  DROP CONSTRAINT mail_outbox_kind,
  ADD CONSTRAINT mail_outbox_kind CHECK (kind IN (
    'verify_email', 'password_reset', 'password_changed', 'schedule_waits', 'schedule_failed',
    'schedule_not_received')),
  ADD CONSTRAINT mail_outbox_occurrence CHECK (starts_with(kind, 'schedule_') = (occurrence_id IS NOT NULL));

REVOKE EXECUTE ON FUNCTION erase_schedules(uuid), begin_occurrences(integer),
  refuse_occurrence(uuid, integer, text, boolean), skip_occurrence(uuid, uuid, integer),
  settle_occurrence(uuid, uuid, uuid, bigint, uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_schedules(uuid) TO instapay_user;
GRANT EXECUTE ON FUNCTION begin_occurrences(integer), refuse_occurrence(uuid, integer, text, boolean),
  skip_occurrence(uuid, uuid, integer) TO instapay_transaction;
-- Whoever has a committer reads what payments refer to.
GRANT SELECT ON schedules, schedule_occurrences, schedule_details TO instapay_user, instapay_transaction;
GRANT INSERT (id, payer_id, payee_id, amount, starts, ends_on, last_number, every, repeats, time_zone, note,
              idempotency_key, request_hash),
  UPDATE (amount, starts, ends_on, first_number, next_number, last_number, every, repeats, status, time_zone, note,
          ended_at, end_reason) ON schedules TO instapay_transaction;
GRANT UPDATE (try_at, tries) ON schedule_occurrences TO instapay_transaction;
GRANT UPDATE (notice) ON schedule_occurrences TO instapay_user;
