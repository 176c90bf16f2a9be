-- Holds: money that is set aside for somebody, who takes of it what is due (docs/decisions/0030).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- The longest life of a hold; src/core/limits.h has the same number.
CREATE FUNCTION hold_life() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '720 hours' $$;
-- For how long a hold that has run out is a worker's alone; longer than a release may take.
CREATE FUNCTION hold_lease() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '10 seconds' $$;

-- A hold is what its payer's entries say of it, in one row: it is made by the entry of kind hold, whose transfer_id is
-- its id, and changed by those that refer to it, release and capture. Nobody else writes it but for try_at.
-- status: 0 open, 1 captured (all, or the last of it), 2 released, 3 expired.
CREATE TABLE holds (
  id         uuid PRIMARY KEY,
  payer_id   uuid NOT NULL,
  payee_id   uuid NOT NULL,
  seq        bigint NOT NULL,            -- of the payer's entry that made it
  amount     bigint NOT NULL,            -- minor units
  captured   bigint NOT NULL DEFAULT 0,  -- of the amount, so far
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz,
  try_at     timestamptz NOT NULL,       -- when a worker is to look at it; whoever does moves it on
  captures   integer NOT NULL DEFAULT 0,
  status     smallint NOT NULL DEFAULT 0,
  CONSTRAINT holds_amount CHECK (amount BETWEEN 1 AND 9000000000000000),
  CONSTRAINT holds_captured CHECK (captured BETWEEN 0 AND amount AND (captured = 0) = (captures = 0)),
  CONSTRAINT holds_expiry CHECK (expires_at > created_at AND expires_at <= created_at + hold_life()),
  CONSTRAINT holds_status CHECK (
    status BETWEEN 0 AND 3 AND (status = 0) = (ended_at IS NULL) AND (status <> 1 OR captured > 0)
    AND (status <> 0 OR captured < amount))
);
CREATE INDEX holds_payer ON holds (payer_id, id);
CREATE INDEX holds_payee ON holds (payee_id, id);
CREATE INDEX holds_due ON holds (try_at) WHERE status = 0;
CREATE INDEX holds_payee_open ON holds (payee_id) WHERE status = 0;

-- Holds as people see them. What has run out and waits for its worker has expired all the same.
CREATE VIEW hold_details AS
SELECT h.id, h.payer_id, payer.username AS payer_username, payer.display_name AS payer_name,
       h.payee_id, payee.username AS payee_username, payee.display_name AS payee_name,
       h.amount, h.captured, h.captures, e.note,
       CASE WHEN h.status = 0 AND h.expires_at <= now() THEN 3 ELSE h.status END::smallint AS state,
       h.created_at, h.expires_at,
       CASE WHEN h.status = 0 AND h.expires_at <= now() THEN h.expires_at ELSE h.ended_at END AS ended_at
FROM holds h
JOIN entries e ON e.account_id = h.payer_id AND e.seq = h.seq
JOIN users payer ON payer.id = h.payer_id
JOIN users payee ON payee.id = h.payee_id;

-- What was agreed stays; a hold only goes on, and what has ended stays ended.
CREATE FUNCTION keep_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept holds := NEW;
BEGIN
  kept.try_at := OLD.try_at;
  IF OLD.status = 0 THEN
    kept.captured := OLD.captured;
    kept.captures := OLD.captures;
    kept.status := OLD.status;
    kept.ended_at := OLD.ended_at;
  END IF;
  IF kept IS DISTINCT FROM OLD OR NEW.captured < OLD.captured OR NEW.captures < OLD.captures THEN
    RAISE EXCEPTION 'hold % cannot be changed so', OLD.id USING ERRCODE = 'IP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER holds_kept BEFORE UPDATE ON holds
  FOR EACH ROW EXECUTE FUNCTION keep_hold();
CREATE TRIGGER holds_never_removed BEFORE DELETE OR TRUNCATE ON holds
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whatever changes what is held does it to a hold, in its own transaction: never more than is left of it is captured,
-- nothing after its end, and by its payee only; what is released is all that is left, by the payee, or by nobody once it
-- has run out or the payee's account is closed. IP010: the hold does not allow it. (What has not even the form of such an
-- entry does not come here: check_entries() refuses it.)
CREATE FUNCTION settle_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.kind = 6 THEN
    INSERT INTO holds (id, payer_id, payee_id, seq, amount, created_at, expires_at, try_at)
    SELECT NEW.transfer_id, NEW.account_id, NEW.counterparty_id, NEW.seq, NEW.held_change, NEW.created_at, ends.at, ends.at
    FROM (SELECT (NEW.change::jsonb ->> 'expiresAt')::timestamptz AS at) AS ends;
    RETURN NULL;
  END IF;
  UPDATE holds
  SET captured = captured - NEW.amount,
      captures = captures + (NEW.kind = 8)::integer,
      status = CASE WHEN NEW.kind = 8 THEN (NEW.held_change = captured - amount)::integer
                    WHEN NEW.created_at < expires_at THEN 2 ELSE 3 END,
      ended_at = CASE WHEN NEW.held_change = captured - amount THEN NEW.created_at END
  WHERE id = NEW.reference AND payer_id = NEW.account_id AND payee_id = NEW.counterparty_id AND status = 0
    AND CASE NEW.kind
          WHEN 8 THEN NEW.actor_id = payee_id AND NEW.created_at < expires_at AND -NEW.amount <= amount - captured
                      AND NEW.held_change IN (NEW.amount, captured - amount)
          ELSE NEW.held_change = captured - amount
               AND CASE WHEN NEW.actor_id IS NULL
                        THEN NEW.created_at >= expires_at
                             OR EXISTS (SELECT FROM accounts a WHERE a.id = payee_id AND a.status = 2)
                        ELSE NEW.actor_id = payee_id END
        END;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'hold % does not allow it', NEW.reference USING ERRCODE = 'IP010';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_settle_holds AFTER INSERT ON entries
  FOR EACH ROW WHEN (NEW.held_change IS NOT NULL AND NEW.kind >= 6 AND (NEW.kind = 6) = (NEW.held_change > 0)
                     AND NEW.amount <= 0 AND (NEW.kind = 8) = (NEW.amount < 0))
  EXECUTE FUNCTION settle_hold();

-- As it was made in 0001; what is held changes with the kinds of holds only, and says of which hold.
CREATE OR REPLACE FUNCTION check_entries() RETURNS trigger
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
           AND CASE WHEN i.held_change IS NULL THEN i.kind < 6 OR (i.kind = 8 AND i.amount > 0)
                    WHEN i.kind = 6 THEN i.held_change > 0 AND i.reference IS NULL
                    WHEN i.kind = 7 THEN i.held_change < 0 AND i.reference IS NOT NULL
                    ELSE i.kind = 8 AND i.amount < 0 AND i.held_change <= i.amount AND i.reference IS NOT NULL END
           AND CASE WHEN i.idempotency_key IS NULL THEN i.request_hash IS NULL AND i.refused_items IS NULL
                    ELSE i.request_hash IS NOT NULL AND i.amount <= 0 END
           AND (i.kind IN (5, 6)) = (i.change IS NOT NULL) AND (i.kind <> 5 OR i.actor_id IS NOT NULL)
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

-- Of an account that is closed nothing can be captured any more: a worker gives it free. What is being changed at this
-- moment is passed over, so that nobody waits for anybody; it runs out by itself.
CREATE FUNCTION wake_holds_of_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE holds SET try_at = now()
  WHERE id IN (SELECT id FROM holds WHERE payee_id = NEW.id AND status = 0 FOR UPDATE SKIP LOCKED);
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_closed_holds AFTER UPDATE OF status ON accounts
  FOR EACH ROW WHEN (OLD.status <> 2 AND NEW.status = 2) EXECUTE FUNCTION wake_holds_of_closed();

-- What happens to holds is told on the streams of both sides, in the log of payment requests (0014), in one order with
-- what happens to those. change of a hold: 0 created, 1 captured, 2 partly captured, 3 released, 5 expired. (NOT VALID:
-- what is there already is of requests, and is not read again while payments wait.)
ALTER TABLE request_events
  ALTER COLUMN request_id DROP NOT NULL,
  ADD COLUMN hold_id uuid,
  ADD CONSTRAINT request_events_subject CHECK (num_nonnulls(request_id, hold_id) = 1) NOT VALID;

CREATE FUNCTION add_hold_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO request_events (user_id, hold_id, change)
  SELECT side, NEW.id,
         CASE WHEN TG_OP = 'INSERT' THEN 0
              WHEN NEW.status = 0 THEN 2
              WHEN NEW.status = 1 THEN 1
              WHEN NEW.status = 2 THEN 3
              ELSE 5 END
  FROM unnest(ARRAY[NEW.payer_id, NEW.payee_id]) AS side;
  RETURN NULL;
END $$;
CREATE TRIGGER holds_begun AFTER INSERT ON holds
  FOR EACH ROW EXECUTE FUNCTION add_hold_event();
CREATE TRIGGER holds_changed AFTER UPDATE ON holds
  FOR EACH ROW WHEN (NEW.captures <> OLD.captures OR NEW.status <> OLD.status) EXECUTE FUNCTION add_hold_event();

-- Whoever has a committer reads what payments refer to.
GRANT SELECT ON holds, hold_details TO instapay_user, instapay_transaction;
GRANT SELECT ON holds TO instapay_reporting; -- the audit
GRANT UPDATE (try_at) ON holds TO instapay_transaction;
