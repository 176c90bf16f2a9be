-- Payment requests: one object behind links, codes and whatever asks for money (docs/decisions/0023).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- The version of a request's id says how often it may be paid: 7 once, 8 many times. So the index of the
-- payee's entries knows it without looking anywhere else.
CREATE FUNCTION is_paid_once(request uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT get_byte(uuid_send(request), 6) < 128 $$;

-- status: 0 open, 1 paid, 2 partly paid (paid at least once, may be paid again), 3 declined, 4 cancelled.
-- What is open past expires_at has expired.
CREATE TABLE payment_requests (
  id              uuid PRIMARY KEY,
  payee_id        uuid NOT NULL,             -- who asks
  payer_id        uuid,                      -- who is asked; NULL: whoever has the link
  transfer_id     uuid,                      -- what paid it, where that is one transfer
  amount          bigint,                    -- minor units; NULL: the payer says how much
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz,
  paid_at         timestamptz,               -- for the first time
  closed_at       timestamptz,               -- declined or cancelled
  reminded_at     timestamptz,
  status          smallint NOT NULL DEFAULT 0,
  code            text,                      -- of the link
  note            text,
  decline_reason  text,
  idempotency_key bytea,                     -- of its creation, as in entries
  request_hash    bytea,
  CONSTRAINT payment_requests_code_key UNIQUE (code),
  CONSTRAINT payment_requests_idempotency UNIQUE (payee_id, idempotency_key),
  CONSTRAINT payment_requests_id CHECK (get_byte(uuid_send(id), 6) >> 4 IN (7, 8)),
  CONSTRAINT payment_requests_sides CHECK (payer_id <> payee_id),
  -- Who is asked in person is asked to pay once; a link has a code.
  CONSTRAINT payment_requests_payer CHECK (
    (payer_id IS NULL) = (code IS NOT NULL) AND (payer_id IS NULL OR is_paid_once(id))),
  CONSTRAINT payment_requests_amount CHECK (amount BETWEEN 1 AND 9000000000000000),
  CONSTRAINT payment_requests_expiry CHECK (expires_at > created_at),
  CONSTRAINT payment_requests_texts CHECK (
    length(code) = 22 AND length(note) BETWEEN 1 AND 140 AND length(decline_reason) BETWEEN 1 AND 140),
  CONSTRAINT payment_requests_key CHECK (
    (idempotency_key IS NULL) = (request_hash IS NULL) AND length(idempotency_key) = 16 AND length(request_hash) = 16),
  CONSTRAINT payment_requests_status CHECK (
    status IN (0, 3, 4) OR (status = 1 AND is_paid_once(id)) OR (status = 2 AND NOT is_paid_once(id))),
  CONSTRAINT payment_requests_payment CHECK (
    (status = 1) = (transfer_id IS NOT NULL) AND (status IN (1, 2)) <= (paid_at IS NOT NULL)),
  CONSTRAINT payment_requests_closed CHECK (
    (status IN (3, 4)) = (closed_at IS NOT NULL) AND (decline_reason IS NULL OR status = 3))
);
CREATE INDEX payment_requests_payee ON payment_requests (payee_id, id);
CREATE INDEX payment_requests_payer ON payment_requests (payer_id, id) WHERE payer_id IS NOT NULL;

-- Whether somebody who is no contact may ask a person for money, and who never may.
CREATE TABLE request_settings (
  user_id     uuid PRIMARY KEY,
  from_anyone boolean NOT NULL
);
CREATE TABLE request_blocks (
  user_id    uuid NOT NULL,
  blocked_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, blocked_id),
  CONSTRAINT request_blocks_self CHECK (user_id <> blocked_id)
);
CREATE INDEX request_blocks_blocked ON request_blocks (blocked_id);

-- Requests as people see them: with names, what was refunded of a payment, and state 5 for what has expired.
CREATE VIEW payment_request_details AS
SELECT r.id, r.payee_id, payee.username AS payee_username, payee.display_name AS payee_name,
       r.payer_id, payer.username AS payer_username, payer.display_name AS payer_name,
       r.amount, r.note,
       CASE WHEN r.status IN (0, 2) AND r.expires_at <= now() THEN 5 ELSE r.status END::smallint AS state,
       r.created_at, r.expires_at, r.paid_at, r.closed_at, r.reminded_at, r.decline_reason, r.transfer_id,
       (SELECT coalesce(-sum(x.amount), 0) FROM entries x
        WHERE x.account_id = r.payee_id AND x.refund_of = r.transfer_id)::bigint AS refunded,
       r.code
FROM payment_requests r
JOIN users payee ON payee.id = r.payee_id
LEFT JOIN users payer ON payer.id = r.payer_id;

-- The limits of requests; src/core/limits.h has the same numbers.
CREATE FUNCTION requests_a_day() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 100 $$;
CREATE FUNCTION requests_a_day_to_one_person() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 10 $$;
CREATE FUNCTION reminder_period() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '24 hours' $$;
CREATE FUNCTION blocks_a_person() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1000 $$;
CREATE FUNCTION contact_entries() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 500 $$;

-- Whether one of two has paid the other, in the last entries of either.
CREATE FUNCTION have_paid(one uuid, other uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM (VALUES (one, other), (other, one)) AS pair (own, counterparty)
    CROSS JOIN LATERAL (
      SELECT e.counterparty_id, e.kind FROM entries e
      WHERE e.account_id = pair.own ORDER BY e.seq DESC LIMIT contact_entries()
    ) AS last
    WHERE last.counterparty_id = pair.counterparty AND last.kind = 1)
$$;

-- Whether a person lets another ask them for money.
CREATE FUNCTION may_ask(payee uuid, payer uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT NOT EXISTS (SELECT FROM request_blocks WHERE user_id = payer AND blocked_id = payee)
     AND coalesce((SELECT status <> 2 FROM accounts WHERE id = payer AND kind = 0), false)
     AND (coalesce((SELECT from_anyone FROM request_settings WHERE user_id = payer), false)
          OR have_paid(payee, payer))
$$;

-- Each person's new requests take turns, so that they are counted rightly. After the row is in the unique
-- index of keys: a repeated creation is not counted.
CREATE FUNCTION check_new_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  today bigint;
  to_this_person bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(uuid_hash_extended(NEW.payee_id, 7));
  IF NEW.status <> 0 THEN
    RAISE EXCEPTION 'a request begins open' USING ERRCODE = '23514', CONSTRAINT = 'payment_requests_open';
  END IF;
  IF NOT EXISTS (SELECT FROM accounts WHERE id = NEW.payee_id AND kind = 0 AND status = 0) THEN
    RAISE EXCEPTION 'the payee''s account is not active' USING ERRCODE = '23514', CONSTRAINT = 'requests_payee_active';
  END IF;
  IF NEW.payer_id IS NOT NULL AND NOT may_ask(NEW.payee_id, NEW.payer_id) THEN
    RAISE EXCEPTION 'the payer does not allow it' USING ERRCODE = '23514', CONSTRAINT = 'requests_allowed';
  END IF;
  SELECT count(*), count(*) FILTER (WHERE last.payer_id = NEW.payer_id) INTO today, to_this_person
  FROM (
    SELECT payer_id, created_at FROM payment_requests
    WHERE payee_id = NEW.payee_id ORDER BY id DESC LIMIT requests_a_day() + 1
  ) AS last
  WHERE last.created_at > now() - interval '24 hours';
  IF today > requests_a_day() THEN
    RAISE EXCEPTION 'too many requests a day' USING ERRCODE = '23514', CONSTRAINT = 'requests_a_day';
  END IF;
  IF to_this_person > requests_a_day_to_one_person() THEN
    RAISE EXCEPTION 'too many requests a day to one person'
      USING ERRCODE = '23514', CONSTRAINT = 'requests_a_day_to_one_person';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_requests_new AFTER INSERT ON payment_requests
  FOR EACH ROW EXECUTE FUNCTION check_new_request();

-- What was asked stays as it was asked, but for a note that is erased; what has ended stays ended.
CREATE FUNCTION keep_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was payment_requests := OLD;
  kept payment_requests := NEW;
BEGIN
  kept.status := was.status;
  kept.transfer_id := was.transfer_id;
  kept.closed_at := was.closed_at;
  kept.reminded_at := was.reminded_at;
  kept.decline_reason := was.decline_reason;
  IF was.paid_at IS NULL THEN
    kept.paid_at := NULL;
  END IF;
  IF kept.note IS NULL THEN
    kept.note := was.note;
  END IF;
  IF kept IS DISTINCT FROM was
     OR (NEW.status <> was.status AND was.status <> 0 AND NOT (was.status = 2 AND NEW.status = 4)) THEN
    RAISE EXCEPTION 'request % cannot be changed so', was.id USING ERRCODE = 'IP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_requests_kept BEFORE UPDATE ON payment_requests
  FOR EACH ROW EXECUTE FUNCTION keep_request();
CREATE TRIGGER payment_requests_never_removed BEFORE DELETE OR TRUNCATE ON payment_requests
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A payment of a request is one that the request allows, and settles it, in the payment's own transaction. Who
-- cancels, declines or pays it at the same moment waits for the request's row. IP008: it may not be paid so.
CREATE FUNCTION settle_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  asked payment_requests;
BEGIN
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
CREATE TRIGGER entries_settle_requests AFTER INSERT ON entries
  FOR EACH ROW WHEN (NEW.reference IS NOT NULL AND NEW.amount > 0 AND NEW.kind = 1)
  EXECUTE FUNCTION settle_request();

-- Counted under a lock: so many blocks of one person.
CREATE FUNCTION check_new_block() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(uuid_hash_extended(NEW.user_id, 8));
  IF (SELECT count(*) FROM request_blocks WHERE user_id = NEW.user_id) > blocks_a_person() THEN
    RAISE EXCEPTION 'too many blocks' USING ERRCODE = '23514', CONSTRAINT = 'blocks_a_person';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER request_blocks_new AFTER INSERT ON request_blocks
  FOR EACH ROW EXECUTE FUNCTION check_new_block();

-- Erasure: what the person wrote goes, and nobody is left waiting for them.
CREATE FUNCTION erase_requests(person uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  DELETE FROM request_settings WHERE user_id = person;
  DELETE FROM request_blocks WHERE user_id = person OR blocked_id = person;
  UPDATE payment_requests
  SET status = CASE WHEN status IN (0, 2) THEN 4 ELSE status END,
      closed_at = CASE WHEN status IN (0, 2) THEN now() ELSE closed_at END,
      note = NULL
  WHERE payee_id = person;
  WITH answered AS (
    UPDATE payment_requests
    SET status = CASE WHEN status = 0 THEN 3 ELSE status END,
        closed_at = CASE WHEN status = 0 THEN now() ELSE closed_at END,
        decline_reason = NULL
    WHERE payer_id = person
    RETURNING 1
  )
  SELECT count(*) FROM answered
$$;

REVOKE EXECUTE ON FUNCTION erase_requests(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_requests(uuid) TO instapay_user;
-- Whoever has a committer reads what payments refer to.
GRANT SELECT ON payment_requests TO instapay_user, instapay_transaction;
GRANT SELECT ON payment_request_details TO instapay_user, instapay_transaction;
GRANT INSERT (id, payee_id, payer_id, amount, expires_at, code, note, idempotency_key, request_hash),
  UPDATE (status, closed_at, reminded_at, decline_reason) ON payment_requests TO instapay_transaction;
GRANT SELECT, INSERT, UPDATE, DELETE ON request_settings TO instapay_transaction;
GRANT SELECT, INSERT, DELETE ON request_blocks TO instapay_transaction;
