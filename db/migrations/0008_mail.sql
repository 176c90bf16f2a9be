-- E-mail: what is to be sent, the links in it, and whose address is shown to be theirs (docs/decisions/0024).
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- The language of mails; NULL: not said. When the address was shown to be the user's; NULL: not yet. Whether the
-- opening grant waits for that.
ALTER TABLE users
  ADD COLUMN language text,
  ADD COLUMN email_verified_at timestamptz,
  ADD COLUMN grant_due boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT users_language CHECK (language IN ('en', 'ar'));

-- What happened and whom to tell; the text is made when it is sent, so that no link and no token is ever
-- stored. A worker that takes a row counts the attempt and moves next_attempt_at, which is its lease: whoever
-- dies with it loses it to another.
CREATE TABLE mail_outbox (
  id              uuid PRIMARY KEY,
  event_key       text NOT NULL,             -- one event, one mail, while the row is kept
  kind            text NOT NULL,
  user_id         uuid,                      -- NULL: whoever has the address
  address         text,                      -- NULL: the user's own at the time of sending
  language        text,                      -- where the user has said none
  details         text NOT NULL DEFAULT '',  -- what the template says besides, e.g. the device
  state           text NOT NULL DEFAULT 'pending',
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL,      -- of no use afterwards
  finished_at     timestamptz,
  last_error      text,
  CONSTRAINT mail_outbox_event UNIQUE (event_key),
  CONSTRAINT mail_outbox_kind CHECK (kind IN ('verify_email', 'password_reset', 'password_changed')),
  CONSTRAINT mail_outbox_recipient CHECK (user_id IS NOT NULL OR address IS NOT NULL),
  CONSTRAINT mail_outbox_address CHECK (length(address) <= 254 AND address !~ '[[:cntrl:][:space:]<>]'),
  CONSTRAINT mail_outbox_language CHECK (language IN ('en', 'ar')),
  CONSTRAINT mail_outbox_details CHECK (length(details) <= 255),
  CONSTRAINT mail_outbox_attempts CHECK (attempts >= 0),
  -- dropped: there was nobody to send it to.
  CONSTRAINT mail_outbox_state CHECK (
    CASE state WHEN 'pending' THEN finished_at IS NULL ELSE finished_at IS NOT NULL END
    AND state IN ('pending', 'sent', 'dropped', 'dead'))
);
CREATE INDEX mail_outbox_due ON mail_outbox (next_attempt_at) WHERE state = 'pending';
CREATE INDEX mail_outbox_waiting ON mail_outbox (created_at) WHERE state = 'pending';
CREATE INDEX mail_outbox_finished ON mail_outbox (finished_at) WHERE state <> 'pending';
CREATE INDEX mail_outbox_dead ON mail_outbox (finished_at) WHERE state = 'dead';
CREATE INDEX mail_outbox_user ON mail_outbox (user_id);

-- What is done is done: a mail that was sent is never sent again, whoever asks.
CREATE FUNCTION keep_sent_mail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the mail was sent' USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER mail_outbox_sent BEFORE UPDATE ON mail_outbox
  FOR EACH ROW WHEN (OLD.state = 'sent') EXECUTE FUNCTION keep_sent_mail();

-- The tokens of links, as SHA-256: each does one thing, once. An attempt to send makes a token of its own, so a
-- mail that arrives twice has two, and using one uses up the others of its purpose.
CREATE TABLE mail_tokens (
  token_hash bytea PRIMARY KEY,
  purpose    text NOT NULL,
  user_id    uuid NOT NULL,
  address    text NOT NULL,                  -- where it was sent
  issued_at  timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,                    -- or of no use any more
  CONSTRAINT mail_tokens_hash_length CHECK (length(token_hash) = 32),
  CONSTRAINT mail_tokens_purpose CHECK (purpose IN ('verify_email', 'password_reset')),
  CONSTRAINT mail_tokens_life CHECK (expires_at <= issued_at + interval '24 hours'
    AND (purpose <> 'password_reset' OR expires_at <= issued_at + interval '30 minutes'))
);
CREATE INDEX mail_tokens_user ON mail_tokens (user_id, purpose) WHERE used_at IS NULL;
CREATE INDEX mail_tokens_expiry ON mail_tokens (expires_at);

-- A link never works twice.
CREATE FUNCTION keep_used_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the token was used' USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER mail_tokens_used BEFORE UPDATE ON mail_tokens
  FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION keep_used_token();

-- Whoever changes the password, and however: links that would change it again end.
CREATE FUNCTION end_reset_links() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE mail_tokens SET used_at = clock_timestamp()
  WHERE user_id = NEW.id AND purpose = 'password_reset' AND used_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER users_password_changed AFTER UPDATE OF password_hash ON users
  FOR EACH ROW WHEN (OLD.password_hash <> NEW.password_hash) EXECUTE FUNCTION end_reset_links();

-- Of who was erased nothing is kept here either.
CREATE FUNCTION erase_mail() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM mail_outbox WHERE user_id = NEW.id OR address = OLD.email;
  DELETE FROM mail_tokens WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_erased_mail AFTER UPDATE OF erased_at ON users
  FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_mail();
CREATE INDEX mail_outbox_address ON mail_outbox (address) WHERE address IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON mail_outbox, mail_tokens TO instapay_user;
