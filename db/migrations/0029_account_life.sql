-- What people do to their own wallet: freeze it, lift that again, close it (docs/decisions/0039). IP014: a wallet is
-- frozen, opened or closed by somebody who may not, or the books do not tell of it.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Whose freeze it is. NOT VALID: what is there already has the default.
ALTER TABLE accounts
  ADD COLUMN frozen_by_owner boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT accounts_frozen_by_owner CHECK (status = 1 OR NOT frozen_by_owner) NOT VALID;
GRANT UPDATE (frozen_by_owner) ON accounts TO instapay_user;

CREATE OR REPLACE VIEW account_states AS
SELECT a.id, a.kind, a.status, a.transfer_limit, a.daily_limit, a.created_at,
       coalesce(e.seq, 0) AS seq, coalesce(e.balance_after, 0) AS balance, coalesce(e.held_after, 0) AS held,
       coalesce(e.sent_today, 0) AS sent_today, e.created_at AS last_entry_at, a.frozen_by_owner
FROM accounts a
LEFT JOIN LATERAL (
  SELECT seq, balance_after, held_after, sent_today, created_at
  FROM entries
  WHERE account_id = a.id
  ORDER BY seq DESC
  LIMIT 1
) e ON true;

-- The release before knows of the status alone: what it lifts or closes is nobody's freeze any more.
CREATE FUNCTION forget_owners_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.frozen_by_owner := false;
  RETURN NEW;
END $$;
CREATE TRIGGER accounts_thawed BEFORE UPDATE OF status ON accounts
  FOR EACH ROW WHEN (NEW.status <> 1 AND NEW.frozen_by_owner) EXECUTE FUNCTION forget_owners_freeze();

-- What somebody may write of the account that is their own: its status alone, frozen, lifted or closed.
CREATE FUNCTION is_own_change(change text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(change::jsonb IN (
    '{"status": {"before": "active", "after": "frozen"}}', '{"status": {"before": "frozen", "after": "active"}}',
    '{"status": {"before": "active", "after": "closed"}}'), false)
$$;

-- As in 0024; the entries of a transfer may name an authorization of its payer's (0028), and people control their own
-- account so far.
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
           AND CASE WHEN i.kind IN (5, 6) THEN i.change IS NOT NULL
                    ELSE i.change IS NULL OR (i.kind = 1 AND (i.idempotency_key IS NULL) = (i.amount > 0) AND EXISTS (
                      SELECT FROM payment_authorizations a
                      WHERE a.hash = authorization_of(i.change)
                        AND a.payer_id = CASE WHEN i.amount < 0 THEN i.account_id ELSE i.counterparty_id END)) END
           AND (i.kind <> 5 OR i.actor_id IS NOT NULL)
           AND CASE WHEN i.kind = 5 AND i.actor_id = i.account_id
                    THEN i.counterparty_id = i.account_id AND is_own_change(i.change)
                    ELSE i.account_id <> i.counterparty_id
                         AND (i.kind NOT IN (2, 4) OR i.actor_id IS DISTINCT FROM i.account_id) END
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

-- A status goes from what it was to what it is by the entries of the same transaction, one after the other: what staff
-- froze its owner does not lift, and what its owner froze is theirs until staff freeze it too. NULL: not so.
CREATE FUNCTION follow_status(account uuid, INOUT status smallint, INOUT by_owner boolean)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  step record;
  names constant text[] := ARRAY['active', 'frozen', 'closed'];
BEGIN
  FOR step IN
    SELECT e.actor_id = account AS is_own, e.change::jsonb -> 'status' ->> 'before' AS before,
           e.change::jsonb -> 'status' ->> 'after' AS after
    FROM entries e
    WHERE e.account_id = account AND e.kind = 5 AND e.change::jsonb ? 'status'
      -- What changes a status is a batch of its own: a few entries, the account's newest.
      AND e.seq > (SELECT max(n.seq) FROM entries n WHERE n.account_id = account) - 1000
      AND e.xmin = pg_current_xact_id()::xid
    ORDER BY e.seq
  LOOP
    IF step.before IS DISTINCT FROM names[status + 1] OR (step.is_own AND step.before = 'frozen' AND NOT by_owner) THEN
      status := NULL;
      RETURN;
    END IF;
    status := array_position(names, step.after) - 1;
    by_owner := step.is_own AND step.after = 'frozen';
  END LOOP;
END $$;

CREATE FUNCTION require_status_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  told record := follow_status(NEW.id, OLD.status, OLD.frozen_by_owner);
BEGIN
  IF (told.status, told.by_owner) IS DISTINCT FROM (NEW.status, NEW.frozen_by_owner) THEN
    RAISE EXCEPTION 'the books do not tell of this change of status' USING ERRCODE = 'IP014', CONSTRAINT = 'accounts_told';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_told AFTER UPDATE OF status, frozen_by_owner ON accounts
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN ((OLD.status, OLD.frozen_by_owner) IS DISTINCT FROM (NEW.status, NEW.frozen_by_owner)
                     AND (OLD.status = 1 OR NEW.frozen_by_owner))
  EXECUTE FUNCTION require_status_entries();

-- What is mailed and shown of it, besides the kinds that are there. NOT VALID: what is there already satisfied a narrower
-- rule.
DO $$
DECLARE
  wider record;
BEGIN
  FOR wider IN
    SELECT c.conrelid::regclass AS relation, c.conname AS rule, pg_get_expr(c.conbin, c.conrelid) AS held, k.kinds
    FROM (VALUES ('user_events'::regclass, 'user_events_kind', ARRAY['wallet_frozen', 'wallet_unfrozen']),
                 ('mail_outbox'::regclass, 'mail_outbox_kind',
                  ARRAY['wallet_frozen', 'wallet_unfrozen', 'wallet_closed', 'wallet_closed_empty']))
      AS k (relation, rule, kinds)
    JOIN pg_constraint c ON c.conrelid = k.relation AND c.conname = k.rule
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I CHECK (%s OR kind = ANY (%L::text[])) NOT VALID',
                   wider.relation, wider.rule, wider.rule, wider.held, wider.kinds);
  END LOOP;
END $$;
ALTER TABLE mail_outbox
  DROP CONSTRAINT mail_outbox_notice,
  ADD CONSTRAINT mail_outbox_notice CHECK (
    (kind IN ('large_payment', 'money_in', 'wallet_closed')) = (entry_seq IS NOT NULL)
    AND (kind IN ('request_created', 'request_reminded', 'request_declined')) = (request_id IS NOT NULL)
    AND (kind = 'daily_summary') = (summary_day IS NOT NULL)
    AND (num_nonnulls(entry_seq, request_id, summary_day) = 0 OR user_id IS NOT NULL)) NOT VALID;

-- Who is of the staff does not close their own wallet. Whoever else does is mailed the figures of the end, where mail is
-- sent: what the wallet still held, and who has it, is the entry before. At the end of the transaction, when the entries
-- are there.
CREATE FUNCTION tell_owner_of_closing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  closing entries;
  rest bigint;
BEGIN
  SELECT * INTO closing FROM entries WHERE account_id = NEW.id ORDER BY seq DESC LIMIT 1;
  IF closing.actor_id IS DISTINCT FROM NEW.id OR closing.kind <> 5 THEN
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT FROM users WHERE id = NEW.id AND role = 'user') THEN
    RAISE EXCEPTION 'staff are closed by others' USING ERRCODE = 'IP014', CONSTRAINT = 'accounts_own_closing';
  END IF;
  SELECT seq INTO rest FROM entries
  WHERE account_id = NEW.id AND seq = closing.seq - 1 AND kind = 1 AND amount < 0
    AND (chain_id, batch_seq) = (closing.chain_id, closing.batch_seq);
  INSERT INTO mail_outbox (id, event_key, kind, user_id, entry_seq, expires_at)
  SELECT gen_random_uuid(), 'wallet_closed/' || closing.transfer_id,
         CASE WHEN rest IS NULL THEN 'wallet_closed_empty' ELSE 'wallet_closed' END, NEW.id, rest, now() + interval '7 days'
  WHERE current_setting('instapay.mails', true) = 'on';
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_closed_by_owner AFTER UPDATE OF status ON accounts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status <> 2 AND NEW.status = 2)
  EXECUTE FUNCTION tell_owner_of_closing();

REVOKE EXECUTE ON FUNCTION follow_status(uuid, smallint, boolean), require_status_entries(), tell_owner_of_closing()
  FROM PUBLIC;
