-- What happens to payment requests, for the streams of their two sides (docs/decisions/0029).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- change: 0 created, 1 paid, 2 partly paid (for the first time), 3 declined, 4 cancelled, 5 expired, 6 reminded.
-- Read in the order (xid, id), up to the oldest transaction that is still under way: what commits later comes
-- later, and nobody waits for anybody to write one.
CREATE TABLE request_events (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  user_id     uuid NOT NULL,
  request_id  uuid NOT NULL REFERENCES payment_requests,
  happened_at timestamptz NOT NULL DEFAULT now(),
  change      smallint NOT NULL,
  CONSTRAINT request_events_change CHECK (change BETWEEN 0 AND 6)
);
CREATE INDEX request_events_user ON request_events (user_id, xid, id);
CREATE INDEX request_events_xid ON request_events (xid, user_id);
CREATE TRIGGER request_events_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON request_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION add_request_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  change smallint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    change := 0;
  ELSIF NEW.status <> OLD.status THEN
    change := NEW.status;
  ELSIF NEW.reminded_at IS DISTINCT FROM OLD.reminded_at THEN
    change := 6;
  ELSE
    RETURN NULL;
  END IF;
  INSERT INTO request_events (user_id, request_id, change)
  SELECT side, NEW.id, change FROM unnest(ARRAY[NEW.payee_id, NEW.payer_id]) AS side WHERE side IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_requests_events AFTER INSERT OR UPDATE ON payment_requests
  FOR EACH ROW EXECUTE FUNCTION add_request_event();

-- Whoever closes an account takes back what it asked for; what has expired stays so. At the end of the transaction, as
-- schedules are ended (0013): locks are taken in the order account, entries, request.
CREATE FUNCTION cancel_requests_of_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE payment_requests SET status = 4, closed_at = now()
  WHERE payee_id = NEW.id AND status IN (0, 2) AND (expires_at IS NULL OR expires_at > now());
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_closed_requests AFTER UPDATE OF status ON accounts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status <> 2 AND NEW.status = 2) EXECUTE FUNCTION cancel_requests_of_closed();

-- Nothing is written when a request expires: whoever follows requests tells it, each moment once.
CREATE TABLE request_expiry (
  told_until timestamptz NOT NULL,
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO request_expiry (told_until) VALUES (now());

CREATE FUNCTION expiries_at_once() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1000 $$;

CREATE FUNCTION tell_expired_requests() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  since timestamptz;
BEGIN
  -- Nearly always there is none: then nothing is locked.
  IF NOT EXISTS (SELECT FROM payment_requests r JOIN request_expiry e ON r.expires_at > e.told_until
                 WHERE r.status IN (0, 2) AND r.expires_at <= now()) THEN
    RETURN;
  END IF;
  SELECT told_until INTO since FROM request_expiry FOR UPDATE SKIP LOCKED;
  IF since IS NULL THEN
    RETURN;  -- another process is at it
  END IF;
  WITH due AS (
    SELECT id, payee_id, payer_id, expires_at FROM payment_requests
    WHERE status IN (0, 2) AND expires_at > since AND expires_at <= now()
    ORDER BY expires_at
    FETCH FIRST expiries_at_once() ROWS WITH TIES
  ), told AS (
    INSERT INTO request_events (user_id, request_id, happened_at, change)
    SELECT side, due.id, due.expires_at, 5
    FROM due CROSS JOIN unnest(ARRAY[due.payee_id, due.payer_id]) AS side
    WHERE side IS NOT NULL
  )
  UPDATE request_expiry
  SET told_until = greatest(since, (
    SELECT CASE WHEN count(*) < expiries_at_once() THEN now() ELSE max(due.expires_at) END FROM due));
END $$;

REVOKE EXECUTE ON FUNCTION tell_expired_requests() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tell_expired_requests() TO instapay_transaction;
GRANT SELECT ON request_events TO instapay_transaction;
