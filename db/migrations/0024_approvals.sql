-- Staff roles, and what needs a second pair of eyes (docs/decisions/0032). IP012: it is not for this person to do, or not
-- any more.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- NOT VALID: what is there already satisfied a narrower rule.
ALTER TABLE users DROP CONSTRAINT users_role;
ALTER TABLE users ADD CONSTRAINT users_role CHECK (
  role IN ('user', 'operator', 'auditor', 'support', 'treasury', 'admin')) NOT VALID;

-- Whether the role may do it alone, or decide on it; core/role.h has the same table.
CREATE FUNCTION role_may(role text, kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(role = 'operator' OR CASE role
    WHEN 'treasury' THEN kind IN ('adjustment', 'limits', 'closing')
    WHEN 'admin' THEN kind IN ('role', 'erasure') END, false)
$$;

-- Somebody else whose account is not closed may change roles. Whoever asks takes turns.
CREATE FUNCTION others_change_roles(person uuid) RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('users_last_admin'));
  RETURN EXISTS (SELECT FROM users u JOIN accounts a ON a.id = u.id
                 WHERE role_may(u.role, 'role') AND u.id <> person AND a.status <> 2);
END $$;

CREATE FUNCTION keep_last_admin() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT FROM accounts WHERE id = OLD.id AND status <> 2) AND NOT others_change_roles(OLD.id) THEN
    RAISE EXCEPTION 'nobody else may change roles' USING ERRCODE = 'IP012', CONSTRAINT = 'users_last_admin';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER users_last_admin BEFORE UPDATE OF role ON users
  FOR EACH ROW WHEN (OLD.role IN ('operator', 'admin') AND NEW.role NOT IN ('operator', 'admin'))
  EXECUTE FUNCTION keep_last_admin();

-- The same for a wallet that is closed: who has it could not sign in any more.
CREATE FUNCTION require_admin_besides(person uuid, closes boolean) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF closes AND EXISTS (SELECT FROM users WHERE id = person AND role_may(role, 'role'))
     AND NOT others_change_roles(person) THEN
    RAISE EXCEPTION 'nobody else may change roles' USING ERRCODE = 'IP012', CONSTRAINT = 'users_last_admin';
  END IF;
END $$;

-- What one of the staff has proposed and another decides on. The payload is what is done, byte for byte.
CREATE TABLE approvals (
  id              uuid PRIMARY KEY,
  kind            text NOT NULL,
  subject_id      uuid NOT NULL,               -- whose account it is about
  beneficiary_id  uuid,                        -- who else gets money by it
  payload         bytea NOT NULL,              -- JSON
  payload_hash    bytea NOT NULL,
  proposed_by     uuid NOT NULL,
  reason          text NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL DEFAULT now() + interval '7 days', -- kApprovalLife_days of src/core/limits.h
  status          text NOT NULL DEFAULT 'open',
  decided_by      uuid,
  decided_at      timestamptz,
  decision_reason text,
  executed_at     timestamptz,
  CONSTRAINT approvals_kind CHECK (kind IN ('adjustment', 'limits', 'role', 'closing', 'erasure')),
  -- approved: what takes several steps has begun, and is finished by whoever approves once more.
  CONSTRAINT approvals_status CHECK (status IN ('open', 'approved', 'executed', 'refused', 'withdrawn')),
  CONSTRAINT approvals_payload CHECK (length(payload) BETWEEN 2 AND 4096 AND sha256(payload) = payload_hash),
  CONSTRAINT approvals_reason CHECK (length(reason) <= 140 AND length(decision_reason) <= 140),
  CONSTRAINT approvals_life CHECK (expires_at > created_at AND expires_at <= created_at + interval '7 days'),
  CONSTRAINT approvals_proposer CHECK (proposed_by <> subject_id AND proposed_by <> beneficiary_id),
  CONSTRAINT approvals_decided CHECK (
    (status = 'open') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)
    AND (status = 'executed') = (executed_at IS NOT NULL)),
  CONSTRAINT approvals_decider CHECK (CASE
    WHEN status = 'open' THEN true
    WHEN status = 'withdrawn' THEN decided_by = proposed_by
    ELSE decided_by <> proposed_by AND decided_by <> subject_id AND decided_by IS DISTINCT FROM beneficiary_id END)
);
CREATE INDEX approvals_open ON approvals (id) WHERE status = 'open';
CREATE INDEX approvals_subject ON approvals (subject_id, id);
CREATE INDEX approvals_proposer_open ON approvals (proposed_by) WHERE status = 'open';

-- A proposal stays what it was made as and is decided once, in time, by staff whose role may do it themselves.
CREATE FUNCTION keep_approval() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  actor uuid := NEW.proposed_by;
  actor_role text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.id, NEW.kind, NEW.subject_id, NEW.beneficiary_id, NEW.payload, NEW.payload_hash, NEW.proposed_by, NEW.reason,
        NEW.created_at, NEW.expires_at)
       IS DISTINCT FROM
       (OLD.id, OLD.kind, OLD.subject_id, OLD.beneficiary_id, OLD.payload, OLD.payload_hash, OLD.proposed_by, OLD.reason,
        OLD.created_at, OLD.expires_at) THEN
      RAISE EXCEPTION 'a proposal stays what it was made as' USING ERRCODE = 'IP012', CONSTRAINT = 'approvals_kept';
    END IF;
    IF OLD.status = 'approved' AND NEW.status = 'executed' AND OLD.expires_at > now() AND (NEW.decided_by, NEW.decided_at, NEW.decision_reason)
       IS NOT DISTINCT FROM (OLD.decided_by, OLD.decided_at, OLD.decision_reason) THEN
      RETURN NEW;
    END IF;
    IF OLD.status <> 'open' OR NEW.status = 'open' OR OLD.expires_at <= now() THEN
      RAISE EXCEPTION 'the proposal has been decided or has expired'
        USING ERRCODE = 'IP012', CONSTRAINT = 'approvals_once';
    END IF;
    actor := NEW.decided_by;
  ELSIF NEW.status <> 'open' THEN
    RAISE EXCEPTION 'a proposal begins open' USING ERRCODE = 'IP012', CONSTRAINT = 'approvals_once';
  END IF;
  SELECT role INTO actor_role FROM users WHERE id = actor AND erased_at IS NULL FOR SHARE;
  IF NEW.status <> 'withdrawn' AND NOT role_may(actor_role, NEW.kind) THEN
    RAISE EXCEPTION 'the role % may not do this', actor_role USING ERRCODE = 'IP012', CONSTRAINT = 'approvals_role';
  END IF;
  -- Two may do it on the day that it is done, not only on the day that it was proposed.
  IF TG_OP = 'UPDATE' AND NEW.status IN ('approved', 'executed') AND NOT EXISTS (
       SELECT FROM users u JOIN accounts a ON a.id = u.id
       WHERE u.id = NEW.proposed_by AND a.status <> 2 AND role_may(u.role, NEW.kind)) THEN
    RAISE EXCEPTION 'who proposed it may not do this any more'
      USING ERRCODE = 'IP012', CONSTRAINT = 'approvals_outdated';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approvals_kept BEFORE INSERT OR UPDATE ON approvals
  FOR EACH ROW EXECUTE FUNCTION keep_approval();
CREATE TRIGGER approvals_append_only BEFORE DELETE OR TRUNCATE ON approvals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- As many as there may be; core/limits.h has the same number.
CREATE FUNCTION limit_approvals() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('approvals'), hashtext(NEW.proposed_by::text));
  IF (SELECT count(*) FROM approvals
      WHERE proposed_by = NEW.proposed_by AND status = 'open' AND expires_at > now()) > 100 THEN
    RAISE EXCEPTION 'too many open proposals' USING ERRCODE = '23514', CONSTRAINT = 'approvals_limit';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER approvals_limit AFTER INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION limit_approvals();

-- Each step is in the chain, in the same transaction: among the newest entries of the account there is one that names the
-- proposal, the step and who took it, and a proposed one the hash of its payload.
CREATE FUNCTION require_approval_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status = 'approved' THEN
    RETURN NULL; -- finished: the action tells of itself
  END IF;
  PERFORM FROM entries e
  WHERE e.account_id = NEW.subject_id AND e.kind = 5 AND e.reference = NEW.id
    AND e.seq > (SELECT max(n.seq) FROM entries n WHERE n.account_id = NEW.subject_id) - 8
    AND e.actor_id = coalesce(NEW.decided_by, NEW.proposed_by)
    AND e.change::jsonb -> 'approval' ->> 'status' =
        CASE NEW.status WHEN 'open' THEN 'proposed' WHEN 'executed' THEN 'approved' ELSE NEW.status END
    AND e.change::jsonb -> 'approval' ->> 'sha256' = encode(NEW.payload_hash, 'hex');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the books do not tell of this step' USING ERRCODE = 'IP012', CONSTRAINT = 'approvals_told';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approvals_told AFTER INSERT OR UPDATE ON approvals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_approval_entry();

-- Runs in the transaction of what was approved, so that it is done once. Without a proposal nothing is to be noted.
CREATE FUNCTION execute_approval(approval uuid, approver uuid) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF approval IS NULL THEN
    RETURN;
  END IF;
  UPDATE approvals
  SET status = 'executed', executed_at = now(), decided_by = coalesce(decided_by, approver),
      decided_at = coalesce(decided_at, now())
  WHERE id = approval AND status IN ('open', 'approved') AND expires_at > now();
  IF NOT FOUND THEN
    RAISE EXCEPTION 'decided meanwhile' USING ERRCODE = '23514', CONSTRAINT = 'approvals_once';
  END IF;
END $$;

CREATE VIEW approval_details AS
SELECT p.id, p.kind, CASE WHEN p.status IN ('open', 'approved') AND p.expires_at <= now() THEN 'expired' ELSE p.status END AS state,
       p.subject_id, s.username AS subject_username, s.display_name AS subject_name,
       p.beneficiary_id, b.username AS beneficiary_username, b.display_name AS beneficiary_name,
       p.payload, p.payload_hash, p.reason, p.created_at, p.expires_at,
       p.proposed_by, o.username AS proposer_username, o.display_name AS proposer_name,
       p.decided_by, d.username AS decider_username, d.display_name AS decider_name,
       p.decided_at, p.decision_reason, p.executed_at
FROM approvals p
JOIN users s ON s.id = p.subject_id
JOIN users o ON o.id = p.proposed_by
LEFT JOIN users b ON b.id = p.beneficiary_id
LEFT JOIN users d ON d.id = p.decided_by;

REVOKE EXECUTE ON FUNCTION keep_last_admin(), keep_approval(), require_approval_entry() FROM PUBLIC;
GRANT SELECT ON approvals, approval_details TO instapay_user;
GRANT INSERT (id, kind, subject_id, beneficiary_id, payload, payload_hash, proposed_by, reason) ON approvals
  TO instapay_user;
GRANT UPDATE (status, decided_by, decided_at, decision_reason, executed_at) ON approvals TO instapay_user;

-- As in 0016, and nobody refunds, adjusts or controls the account that is their own.
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
           AND (i.kind NOT IN (2, 4, 5) OR i.actor_id IS DISTINCT FROM i.account_id)
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
