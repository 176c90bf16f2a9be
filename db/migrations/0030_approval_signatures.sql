-- What staff have signed of a proposal with their passkeys (docs/decisions/0041): kept beside it, named by the entries of
-- the chain. And what one of them adjusts alone is added up by the day. IP013: what is signed is not of this proposal, or
-- the books do not tell of it.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE TABLE approval_signatures (
  hash               bytea PRIMARY KEY,
  approval_id        uuid NOT NULL REFERENCES approvals,
  decision           text NOT NULL,      -- what was signed: that it is proposed, or that it is approved
  signer_id          uuid NOT NULL REFERENCES users,
  relying_party      text NOT NULL,      -- the domain that the passkey is for
  credential_id      bytea NOT NULL,
  public_key         bytea NOT NULL,     -- COSE_Key, as it was when it signed
  client_data        bytea NOT NULL,     -- JSON of the browser; its challenge is the proposal's hash
  authenticator_data bytea NOT NULL,
  signature          bytea NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT approval_signatures_once UNIQUE (approval_id, decision),
  CONSTRAINT approval_signatures_decision CHECK (decision IN ('proposed', 'approved')),
  CONSTRAINT approval_signatures_hash CHECK (hash = authorization_hash(
    relying_party, credential_id, public_key, client_data, authenticator_data, signature)),
  CONSTRAINT approval_signatures_sizes CHECK (
    relying_party <> '' AND length(credential_id) > 0 AND length(public_key) > 0 AND length(client_data) > 0
    AND length(authenticator_data) >= 37 AND length(signature) > 0
    -- src/transaction/proposal_proof.h has the same number.
    AND octet_length(relying_party) + length(credential_id) + length(public_key) + length(client_data)
        + length(authenticator_data) + length(signature) <= 2048)
);
CREATE INDEX approval_signatures_signer ON approval_signatures (signer_id, hash);
-- What staff have signed as staff stays, as the operators' log does: also when they are erased themselves.
CREATE TRIGGER approval_signatures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_signatures
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A signature is its proposer's of what is open, or that of who has decided so; and an entry of the same transaction names
-- it, in the name of who has signed.
CREATE FUNCTION require_signature_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM FROM approvals p
  JOIN entries e ON e.account_id = p.subject_id
  WHERE p.id = NEW.approval_id
    AND CASE NEW.decision WHEN 'proposed' THEN p.status = 'open' AND p.proposed_by = NEW.signer_id AND EXISTS (
               SELECT FROM users u WHERE u.id = NEW.signer_id AND role_may(u.role, p.kind))
             ELSE p.status IN ('approved', 'executed') AND p.decided_by = NEW.signer_id END
    AND e.seq > (SELECT max(n.seq) FROM entries n WHERE n.account_id = p.subject_id) - 8
    AND e.kind = 5 AND e.reference = p.id AND e.actor_id = NEW.signer_id AND e.xmin = pg_current_xact_id()::xid
    AND e.change::jsonb -> 'approval' ->> 'status' = CASE NEW.decision WHEN 'proposed' THEN 'signed' ELSE 'approved' END
    AND e.change::jsonb -> 'approval' -> 'signatures' ? encode(NEW.hash, 'hex');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the books do not tell of this signature'
      USING ERRCODE = 'IP013', CONSTRAINT = 'approval_signatures_told';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approval_signatures_told AFTER INSERT ON approval_signatures
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_signature_entry();

-- Runs in the transaction of the step that is signed: the passkey's counter grows, unless its authenticator has none, and
-- what it has signed is kept. Without a passkey nothing was signed.
CREATE FUNCTION sign_approval(approval uuid, signer uuid, decided text, passkey uuid, new_count bigint, is_backed_up boolean,
                              signed_hash bytea, party text, client bytea, authenticator bytea, signed bytea) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF passkey IS NULL THEN
    RETURN;
  END IF;
  -- As the trigger of approvals does for who approves: the role stays what it is until this transaction has ended.
  IF decided = 'proposed' THEN
    PERFORM FROM users u
    JOIN approvals a ON a.id = approval
    WHERE u.id = signer AND role_may(u.role, a.kind)
    FOR SHARE OF u;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'who proposed it may not do this any more'
        USING ERRCODE = 'IP012', CONSTRAINT = 'approvals_role';
    END IF;
  END IF;
  UPDATE passkeys p SET sign_count = new_count, backed_up = is_backed_up, last_used_at = now()
  WHERE p.id = passkey AND p.user_id = signer AND (p.sign_count < new_count OR (p.sign_count = 0 AND new_count = 0));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the passkey is gone, or its counter went back'
      USING ERRCODE = '23514', CONSTRAINT = 'approval_signatures_passkey';
  END IF;
  INSERT INTO approval_signatures (hash, approval_id, decision, signer_id, relying_party, credential_id, public_key,
                                   client_data, authenticator_data, signature)
  SELECT signed_hash, approval, decided, signer, party, p.credential_id, p.public_key, client, authenticator, signed
  FROM passkeys p WHERE p.id = passkey;
END $$;

-- Whether the subject's entry of this transfer is the only one of the transaction that says what `said` says. The newest
-- entries of an account are those of the transaction that writes; what it has written in subtransactions is younger still.
CREATE FUNCTION is_told_once(said text, subject uuid, transfer uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT count(*) = 1 AND bool_and(e.transfer_id = transfer)
  FROM entries e
  WHERE e.account_id = subject AND e.kind = 4 AND e.change = said AND e.seq > coalesce(
    (SELECT b.seq FROM entries b WHERE b.account_id = subject AND age(b.xmin) > 0 ORDER BY b.seq DESC LIMIT 1), 0)
$$;

-- Whether the signatures that an entry names are kept, and of the proposal that it is of: nothing but these, in this form.
-- A proposal is carried out once, so the adjustment that names it is the one of the transaction that carries it out.
CREATE FUNCTION names_signatures(change text, of_kind smallint, account uuid, other uuid, actor uuid, transfer uuid)
RETURNS boolean LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT EXISTS (
    SELECT FROM approvals p
    WHERE p.id = (substring(change FROM '^\{"approval":\{"id":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"'))::uuid
      AND CASE WHEN of_kind = 5 THEN p.subject_id = account
               ELSE p.kind IN ('adjustment', 'closing') AND p.status = 'executed' AND p.proposed_by = actor
                    AND p.subject_id IN (account, other) AND p.xmin = pg_current_xact_id()::xid
                    AND is_told_once(change, p.subject_id, transfer) END
      AND change = '{"approval":{"id":"' || p.id || '","kind":"' || p.kind || '","status":"'
        || CASE WHEN of_kind = 5 THEN substring(change FROM '"status":"(signed|approved)"') ELSE 'executed' END
        || '","sha256":"' || encode(p.payload_hash, 'hex') || '","signatures":['
        || (SELECT string_agg('"' || encode(s.hash, 'hex') || '"', ',' ORDER BY s.decision DESC)
            FROM approval_signatures s WHERE s.approval_id = p.id AND strpos(change, encode(s.hash, 'hex')) > 0)
        || ']}}')
$$;

-- As in 0029; adjustments and what tells of a proposal may name signatures that are kept.
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
           AND CASE WHEN i.kind = 6 THEN i.change IS NOT NULL
                    WHEN i.kind = 5 THEN i.change IS NOT NULL AND (
                      i.change NOT LIKE '{"approval":%"signatures":%'
                      OR names_signatures(i.change, i.kind, i.account_id, i.counterparty_id, i.actor_id, i.transfer_id))
                    WHEN i.kind = 4 THEN i.change IS NULL
                      OR names_signatures(i.change, i.kind, i.account_id, i.counterparty_id, i.actor_id, i.transfer_id)
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

-- Who has signed is shown with the proposal.
CREATE OR REPLACE VIEW approval_details AS
SELECT p.id, p.kind, CASE WHEN p.status IN ('open', 'approved') AND p.expires_at <= now() THEN 'expired' ELSE p.status END AS state,
       p.subject_id, s.username AS subject_username, s.display_name AS subject_name,
       p.beneficiary_id, b.username AS beneficiary_username, b.display_name AS beneficiary_name,
       p.payload, p.payload_hash, p.reason, p.created_at, p.expires_at,
       p.proposed_by, o.username AS proposer_username, o.display_name AS proposer_name,
       p.decided_by, d.username AS decider_username, d.display_name AS decider_name,
       p.decided_at, p.decision_reason, p.executed_at,
       (SELECT g.hash FROM approval_signatures g WHERE g.approval_id = p.id AND g.decision = 'proposed') AS proposal_signature,
       (SELECT g.hash FROM approval_signatures g WHERE g.approval_id = p.id AND g.decision = 'approved') AS approval_signature
FROM approvals p
JOIN users s ON s.id = p.subject_id
JOIN users o ON o.id = p.proposed_by
LEFT JOIN users b ON b.id = p.beneficiary_id
LEFT JOIN users d ON d.id = p.decided_by;

REVOKE EXECUTE ON FUNCTION require_signature_entry() FROM PUBLIC;
GRANT SELECT ON approval_signatures TO instapay_user, instapay_transaction;
-- The audit: that what payers and staff have signed is kept, and that staff's is of just these proposals.
GRANT SELECT (hash, payer_id) ON payment_authorizations TO instapay_jobs;
GRANT SELECT (hash, approval_id, decision, signer_id, relying_party, credential_id, public_key, client_data,
              authenticator_data, signature) ON approval_signatures TO instapay_jobs;
GRANT SELECT (id, kind, subject_id, beneficiary_id, payload, proposed_by) ON approvals TO instapay_jobs;
GRANT INSERT (hash, approval_id, decision, signer_id, relying_party, credential_id, public_key, client_data,
              authenticator_data, signature) ON approval_signatures TO instapay_user;
-- Receipts show what was signed: of what has moved money, and of nothing else that is proposed.
CREATE VIEW executed_proposals AS
SELECT id, subject_id, beneficiary_id, payload, proposed_by
FROM approvals
WHERE status = 'executed' AND kind IN ('adjustment', 'closing');
GRANT SELECT ON executed_proposals TO instapay_transaction;

-- What was adjusted without a second pair of eyes on a day (UTC): by whom, and of whose wallet.
CREATE TABLE adjustment_sums (
  day      date NOT NULL,
  side     text NOT NULL,
  party_id uuid NOT NULL,
  amount   bigint NOT NULL,      -- added up without their signs
  PRIMARY KEY (day, side, party_id),
  CONSTRAINT adjustment_sums_side CHECK (side IN ('operator', 'wallet')),
  CONSTRAINT adjustment_sums_amount CHECK (amount > 0)
);

-- Runs in the transaction of the adjustment: whoever adjusts at the same moment waits for the row, so together they stay
-- within what one may do alone. Operators before wallets, so that nobody waits for each other.
CREATE FUNCTION take_adjustment(adjuster uuid, wallet uuid, size bigint, above bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  today constant date := (now() AT TIME ZONE 'UTC')::date;
  party record;
  total bigint;
BEGIN
  DELETE FROM adjustment_sums WHERE (day, side, party_id) IN (
    SELECT s.day, s.side, s.party_id FROM adjustment_sums s WHERE s.day < today - 1 FOR UPDATE SKIP LOCKED);
  FOR party IN SELECT * FROM (VALUES (1, 'operator', adjuster), (2, 'wallet', wallet)) AS v (place, side, id) ORDER BY place
  LOOP
    INSERT INTO adjustment_sums AS s (day, side, party_id, amount) VALUES (today, party.side, party.id, size)
    ON CONFLICT (day, side, party_id) DO UPDATE SET amount = s.amount + EXCLUDED.amount
    RETURNING s.amount INTO total;
    IF total > above THEN
      RAISE EXCEPTION 'more than one may adjust alone on a day' USING ERRCODE = '23514', CONSTRAINT = 'adjustments_above';
    END IF;
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION take_adjustment(uuid, uuid, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_adjustment(uuid, uuid, bigint, bigint) TO instapay_user;
