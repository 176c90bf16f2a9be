-- Change of an e-mail address, and notices about sign-in and factors (docs/decisions/0035).
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- user/mails.h and mail/outbox.h have the same numbers.
CREATE FUNCTION email_change_life() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '24 hours' $$;
CREATE FUNCTION email_undo_life() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '7 days' $$;
CREATE FUNCTION email_change_period() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '7 days' $$;
CREATE FUNCTION email_changes_a_period() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 5 $$;

-- Asked for by the user, confirmed from the new address, and perhaps undone from the old one.
CREATE TABLE email_changes (
  id           uuid PRIMARY KEY,
  user_id      uuid NOT NULL,
  old_address  text,                         -- whose it was until it was confirmed
  new_address  text NOT NULL,
  asked_at     timestamptz NOT NULL DEFAULT now(),
  confirmed_at timestamptz,
  ended_at     timestamptz,                  -- cancelled, replaced, or undone: nothing comes of it any more
  CONSTRAINT email_changes_confirmed CHECK ((confirmed_at IS NULL) = (old_address IS NULL)),
  CONSTRAINT email_changes_address CHECK (new_address = lower(new_address) AND length(new_address) <= 254)
);
CREATE INDEX email_changes_user ON email_changes (user_id, asked_at);
CREATE UNIQUE INDEX email_changes_pending ON email_changes (user_id) WHERE confirmed_at IS NULL AND ended_at IS NULL;
CREATE INDEX email_changes_old ON email_changes (old_address) WHERE old_address IS NOT NULL;
CREATE INDEX email_changes_new ON email_changes (new_address);
CREATE INDEX email_changes_asked ON email_changes (asked_at);

-- Whether the address waits for somebody else: whoever gave it up may take it back, and who remembers whose it was
-- (transaction/payee_directory) has forgotten that before another can have it.
CREATE FUNCTION is_email_reserved(address text, for_user uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT EXISTS (
    SELECT FROM email_changes
    WHERE old_address = address AND user_id IS DISTINCT FROM for_user AND ended_at IS NULL
      AND confirmed_at > now() - email_undo_life()
  ) OR EXISTS (
    SELECT FROM email_changes
    WHERE new_address = address AND user_id IS DISTINCT FROM for_user AND confirmed_at IS NOT NULL
      AND ended_at > now() - email_undo_life()
  )
$$;

-- After the row is in the unique index of addresses, as refuse_reserved_usernames() (0002). The name of that index, so
-- that every release answers that the address is taken.
CREATE FUNCTION refuse_reserved_emails() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT FROM inserted i WHERE is_email_reserved(i.email, i.id)) THEN
    RAISE EXCEPTION 'the address is reserved' USING ERRCODE = '23505', CONSTRAINT = 'users_email_key';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER users_reserved_emails AFTER INSERT ON users
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_reserved_emails();

-- However an address is changed: links that were sent to the old one end, also for the day on which it comes back.
CREATE FUNCTION leave_email() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF is_email_reserved(NEW.email, NEW.id) THEN
    RAISE EXCEPTION 'the address is reserved' USING ERRCODE = '23505', CONSTRAINT = 'users_email_key';
  END IF;
  UPDATE mail_tokens SET used_at = clock_timestamp()
  WHERE user_id = NEW.id AND purpose IN ('verify_email', 'password_reset') AND used_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER users_email_changed AFTER UPDATE OF email ON users
  FOR EACH ROW WHEN (OLD.email <> NEW.email) EXECUTE FUNCTION leave_email();

-- NOT VALID: what is there already satisfied a narrower rule.
ALTER TABLE mail_outbox
  ADD COLUMN email_change_id uuid,
  DROP CONSTRAINT mail_outbox_kind,
  ADD CONSTRAINT mail_outbox_kind CHECK (kind IN (
    'verify_email', 'password_reset', 'password_changed', 'schedule_waits', 'schedule_failed',
    'schedule_not_received', 'email_change', 'email_changed', 'new_device', 'app_added', 'passkey_added',
    'passkey_removed', 'factors_removed')) NOT VALID,
  ADD CONSTRAINT mail_outbox_email_change CHECK (
    (kind IN ('email_change', 'email_changed')) = (email_change_id IS NOT NULL)
    AND (email_change_id IS NULL OR (user_id IS NOT NULL AND address IS NOT NULL))) NOT VALID;
ALTER TABLE mail_tokens
  ADD COLUMN email_change_id uuid,
  DROP CONSTRAINT mail_tokens_purpose,
  ADD CONSTRAINT mail_tokens_purpose CHECK (
    purpose IN ('verify_email', 'password_reset', 'email_change', 'email_changed')) NOT VALID,
  DROP CONSTRAINT mail_tokens_life,
  ADD CONSTRAINT mail_tokens_life CHECK (expires_at <= issued_at + CASE purpose
    WHEN 'password_reset' THEN interval '30 minutes' WHEN 'email_changed' THEN interval '7 days'
    ELSE interval '24 hours' END) NOT VALID,
  ADD CONSTRAINT mail_tokens_email_change CHECK (
    (purpose IN ('email_change', 'email_changed')) = (email_change_id IS NOT NULL)) NOT VALID;

-- Asks for another address; what waited to be confirmed is replaced. The statements of these functions see what others
-- did while they waited for the user's row. `none`: there is no such user; `same`: it is theirs already.
CREATE FUNCTION ask_email_change(change uuid, owner uuid, address text) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  own_address text;
BEGIN
  SELECT email INTO own_address FROM users WHERE id = owner AND erased_at IS NULL FOR NO KEY UPDATE;
  IF own_address IS NULL THEN
    RETURN 'none';
  ELSIF own_address = address THEN
    RETURN 'same';
  ELSIF email_changes_a_period() <= (
    SELECT count(*) FROM email_changes WHERE user_id = owner AND asked_at > now() - email_change_period()) THEN
    RETURN 'limit';
  ELSIF EXISTS (SELECT FROM users WHERE email = address) OR is_email_reserved(address, owner) THEN
    RETURN 'taken';
  END IF;
  UPDATE email_changes SET ended_at = clock_timestamp()
  WHERE user_id = owner AND confirmed_at IS NULL AND ended_at IS NULL;
  INSERT INTO email_changes (id, user_id, new_address) VALUES (change, owner, address);
  INSERT INTO mail_outbox (id, event_key, kind, user_id, address, email_change_id, expires_at)
  VALUES (gen_random_uuid(), 'email_change/' || change, 'email_change', owner, address, change,
          now() + email_change_life());
  RETURN 'asked';
END $$;

-- Uses up the link that the new address was sent: it is the user's from now on, and the old one is told. An address
-- that another has meanwhile violates users_email_key, and nothing happens. NULL: the link is not good, or the wallet
-- is frozen or closed, or its owner of the staff.
CREATE FUNCTION confirm_email_change(token bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  change email_changes;
  had text;
BEGIN
  SELECT c.* INTO change
  FROM mail_tokens t
  JOIN email_changes c ON c.id = t.email_change_id
  WHERE t.token_hash = token AND t.purpose = 'email_change' AND t.used_at IS NULL AND t.expires_at > now();
  SELECT u.email INTO had
  FROM users u
  JOIN accounts a ON a.id = u.id
  WHERE u.id = change.user_id AND u.role = 'user' AND a.status = 0
  FOR UPDATE OF u FOR SHARE OF a;
  IF had IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE email_changes SET confirmed_at = clock_timestamp(), old_address = had
  WHERE id = change.id AND confirmed_at IS NULL AND ended_at IS NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE mail_tokens SET used_at = clock_timestamp() WHERE email_change_id = change.id AND used_at IS NULL;
  -- Where a grant waits for a verified address, the link of its own mail brings both.
  UPDATE users SET email = change.new_address, updated_at = now(),
                   email_verified_at = CASE WHEN NOT grant_due THEN now() END
  WHERE id = change.user_id;
  INSERT INTO mail_outbox (id, event_key, kind, user_id, address, email_change_id, expires_at)
  VALUES (gen_random_uuid(), 'email_changed/' || change.id, 'email_changed', change.user_id, had, change.id,
          now() + email_undo_life());
  RETURN change.new_address;
END $$;

-- Uses up the link that the old address was sent: it is the user's again. What was asked for since then is void;
-- changes before it are not, or whoever changed an address twice could end the first link with the second. Somebody
-- else may know the password: it is good for nothing any more, every session ends, and a link to choose another is
-- sent. NULL: the link is not good.
CREATE FUNCTION undo_email_change(token bytea) RETURNS TABLE (user_id uuid, address text)
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  change email_changes;
  is_staff boolean;
BEGIN
  SELECT c.* INTO change
  FROM mail_tokens t
  JOIN email_changes c ON c.id = t.email_change_id
  WHERE t.token_hash = token AND t.purpose = 'email_changed' AND t.used_at IS NULL AND t.expires_at > now();
  SELECT u.role <> 'user' INTO is_staff FROM users u WHERE u.id = change.user_id AND u.erased_at IS NULL FOR UPDATE;
  IF is_staff IS NULL THEN
    RETURN;
  END IF;
  UPDATE email_changes c SET ended_at = clock_timestamp() WHERE c.id = change.id AND c.ended_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE email_changes c SET ended_at = clock_timestamp()
  WHERE c.user_id = change.user_id AND c.ended_at IS NULL
    AND (c.confirmed_at IS NULL OR c.confirmed_at > change.confirmed_at);
  UPDATE mail_tokens t SET used_at = clock_timestamp()
  FROM email_changes c
  WHERE c.user_id = change.user_id AND c.ended_at IS NOT NULL AND t.email_change_id = c.id AND t.used_at IS NULL;
  UPDATE users u
  SET email = change.old_address, updated_at = now(), email_verified_at = CASE WHEN NOT u.grant_due THEN now() END,
      password_hash = CASE WHEN is_staff THEN u.password_hash ELSE '!' END
  WHERE u.id = change.user_id;
  UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.user_id = change.user_id AND s.revoked_at IS NULL;
  INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)
  SELECT gen_random_uuid(), 'password_reset/' || change.id, 'password_reset', change.user_id,
         now() + interval '30 minutes'
  WHERE NOT is_staff;
  RETURN QUERY SELECT change.user_id, change.old_address;
END $$;

-- Of who was erased nothing is kept here either.
CREATE OR REPLACE FUNCTION erase_mail() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM mail_outbox WHERE user_id = NEW.id OR address = OLD.email;
  DELETE FROM mail_tokens WHERE user_id = NEW.id;
  DELETE FROM email_changes WHERE user_id = NEW.id;
  RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION ask_email_change(uuid, uuid, text), confirm_email_change(bytea), undo_email_change(bytea)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ask_email_change(uuid, uuid, text), confirm_email_change(bytea), undo_email_change(bytea)
  TO instapay_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON email_changes TO instapay_user;
