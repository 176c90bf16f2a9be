-- Second factors (docs/decisions/0025).
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Since when signing in asks for a second factor; NULL: it does not. On the user's row, which a login locks: no
-- session begins with the password alone once a factor was confirmed.
ALTER TABLE users
  ADD COLUMN factor_since timestamptz,
  -- Grows with every change of what access tokens say of it: they are refused then, as those with another role.
  ADD COLUMN factor_version bigint NOT NULL DEFAULT 0,
  -- Of the payments that ask for a factor not older than five minutes: those above this (minor units), and those
  -- to people who were not paid before.
  ADD COLUMN step_up_above bigint,
  ADD COLUMN step_up_new_payees boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT users_step_up CHECK (
    step_up_above >= 0 AND (factor_since IS NOT NULL OR (step_up_above IS NULL AND NOT step_up_new_payees)));

-- When and by which factor a session was last proven.
ALTER TABLE sessions
  ADD COLUMN factor text,
  ADD COLUMN factor_at timestamptz,
  ADD CONSTRAINT sessions_factor CHECK (
    (factor IS NULL) = (factor_at IS NULL) AND factor IN ('totp', 'recovery_code'));

-- An authenticator app. The secret is sealed with the key of that id (AES-256-GCM): nonce, ciphertext, tag.
CREATE TABLE totp_factors (
  user_id       uuid PRIMARY KEY,
  id            uuid NOT NULL,               -- of this enrolment
  key_id        bytea NOT NULL,
  sealed_secret bytea NOT NULL,
  last_step     bigint NOT NULL DEFAULT 0,   -- whose code was used last: a code is good once
  created_at    timestamptz NOT NULL DEFAULT now(),
  confirmed_at  timestamptz,                 -- NULL: the enrolment has begun
  CONSTRAINT totp_factors_key_id CHECK (length(key_id) = 8),
  CONSTRAINT totp_factors_sealed_secret CHECK (length(sealed_secret) = 12 + 20 + 16),
  CONSTRAINT totp_factors_last_step CHECK (last_step >= 0)
);

CREATE TABLE recovery_codes (
  user_id    uuid NOT NULL,
  code_hash  bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at    timestamptz,
  PRIMARY KEY (user_id, code_hash),
  CONSTRAINT recovery_codes_hash_length CHECK (length(code_hash) = 32)
);

-- A step never comes back, nor does a used code.
CREATE FUNCTION refuse_reuse_of_factors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a code of % is good once', TG_TABLE_NAME USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER totp_factors_forward BEFORE UPDATE ON totp_factors
  FOR EACH ROW WHEN (NEW.id = OLD.id AND NEW.last_step < OLD.last_step) EXECUTE FUNCTION refuse_reuse_of_factors();
CREATE TRIGGER recovery_codes_once BEFORE UPDATE ON recovery_codes
  FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION refuse_reuse_of_factors();

-- Wrong codes in a row, of one person, whoever typed them and whichever service was asked.
CREATE TABLE factor_attempts (
  user_id      uuid PRIMARY KEY,
  failures     integer NOT NULL,
  locked_until timestamptz,
  CONSTRAINT factor_attempts_failures CHECK (failures >= 0)
);

GRANT SELECT (factor_version) ON users TO instapay_transaction, instapay_reporting;
GRANT SELECT, INSERT, UPDATE, DELETE ON totp_factors, recovery_codes, factor_attempts TO instapay_user;
