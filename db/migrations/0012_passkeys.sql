-- Passkeys (docs/decisions/0026).
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- NOT VALID: what is there already satisfied a narrower rule.
ALTER TABLE sessions DROP CONSTRAINT sessions_factor;
ALTER TABLE sessions ADD CONSTRAINT sessions_factor CHECK (
  (factor IS NULL) = (factor_at IS NULL) AND factor IN ('totp', 'recovery_code', 'passkey')) NOT VALID;

CREATE TABLE passkeys (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL,
  credential_id   bytea NOT NULL,
  public_key      bytea NOT NULL,               -- as the authenticator gave it: a COSE_Key
  algorithm       integer NOT NULL,             -- of COSE: ES256, EdDSA, RS256
  sign_count      bigint NOT NULL,              -- the highest that was seen; 0: it does not count
  aaguid          uuid NOT NULL,                -- the make of the authenticator, as it says
  backup_eligible boolean NOT NULL,             -- whether it may be synchronized
  backed_up       boolean NOT NULL,
  transports      text NOT NULL DEFAULT '',     -- how browsers reach it, separated by commas
  name            text NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  last_used_at    timestamptz,
  copied_at       timestamptz,                  -- when its counter last went back
  CONSTRAINT passkeys_credential UNIQUE (credential_id),
  CONSTRAINT passkeys_credential_id CHECK (length(credential_id) BETWEEN 1 AND 1023),
  CONSTRAINT passkeys_public_key CHECK (length(public_key) BETWEEN 1 AND 1024),
  CONSTRAINT passkeys_algorithm CHECK (algorithm IN (-7, -8, -257)),
  CONSTRAINT passkeys_sign_count CHECK (sign_count BETWEEN 0 AND 4294967295),
  CONSTRAINT passkeys_backed_up CHECK (backup_eligible OR NOT backed_up),
  CONSTRAINT passkeys_transports CHECK (length(transports) <= 128),
  CONSTRAINT passkeys_name CHECK (length(name) BETWEEN 1 AND 64)
);
CREATE INDEX passkeys_user ON passkeys (user_id, created_at);

-- Challenges that were answered, until they would have expired: each is answered once, whichever service is asked.
CREATE TABLE spent_challenges (
  challenge_hash bytea PRIMARY KEY,
  expires_at     timestamptz NOT NULL,
  CONSTRAINT spent_challenges_hash_length CHECK (length(challenge_hash) = 32)
);
CREATE INDEX spent_challenges_expiry ON spent_challenges (expires_at);

-- A passkey stays the one that was registered, and its counter never goes back.
CREATE FUNCTION keep_passkey() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a passkey keeps its key, and its counter grows' USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER passkeys_kept BEFORE UPDATE ON passkeys
  FOR EACH ROW WHEN (NEW.sign_count < OLD.sign_count
    OR (NEW.id, NEW.user_id, NEW.credential_id, NEW.public_key, NEW.algorithm, NEW.backup_eligible, NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.user_id, OLD.credential_id, OLD.public_key, OLD.algorithm, OLD.backup_eligible, OLD.created_at))
  EXECUTE FUNCTION keep_passkey();

-- An answered challenge is not forgotten while it is good, nor answered again.
CREATE FUNCTION keep_spent_challenge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the challenge was answered' USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER spent_challenges_kept BEFORE DELETE ON spent_challenges
  FOR EACH ROW WHEN (OLD.expires_at > now()) EXECUTE FUNCTION keep_spent_challenge();
CREATE TRIGGER spent_challenges_final BEFORE UPDATE ON spent_challenges
  FOR EACH ROW EXECUTE FUNCTION keep_spent_challenge();

-- As many as a person may have; core/limits.h has the same number. Whoever adds one has locked the user's row, so
-- that the others are seen.
CREATE FUNCTION limit_passkeys() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF (SELECT count(*) FROM passkeys WHERE user_id = NEW.user_id) > 20 THEN
    RAISE EXCEPTION 'too many passkeys' USING ERRCODE = 'IP011';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER passkeys_limit AFTER INSERT ON passkeys
  FOR EACH ROW EXECUTE FUNCTION limit_passkeys();

-- Whose second factors are turned off has no passkey either, however that is done: by the user, an operator, an
-- erasure, or a service of the release before.
CREATE FUNCTION forget_passkeys() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM passkeys WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_factors_off AFTER UPDATE OF factor_since ON users
  FOR EACH ROW WHEN (OLD.factor_since IS NOT NULL AND NEW.factor_since IS NULL) EXECUTE FUNCTION forget_passkeys();

-- Removes one. Statements of a function see what others did while it waited for the user's row, so of two removals at
-- once one is the last. `turned_off`: it was the last factor, and signing in asks for the password alone again;
-- `last`: it is, and the person is of the staff, who keep one; `none`: there is no such passkey. No session is proven
-- by what is gone.
CREATE FUNCTION remove_passkey(owner uuid, passkey uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  owner_role text;
  is_last boolean;
BEGIN
  SELECT role INTO owner_role FROM users WHERE id = owner FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT FROM passkeys WHERE id = passkey AND user_id = owner) THEN
    RETURN 'none';
  END IF;
  is_last := NOT EXISTS (SELECT FROM passkeys WHERE user_id = owner AND id <> passkey)
    AND NOT EXISTS (SELECT FROM totp_factors WHERE user_id = owner AND confirmed_at IS NOT NULL);
  IF is_last AND owner_role <> 'user' THEN
    RETURN 'last';
  END IF;
  DELETE FROM passkeys WHERE id = passkey;
  UPDATE sessions SET factor = NULL, factor_at = NULL
  WHERE user_id = owner AND factor IS NOT NULL AND (is_last OR factor = 'passkey');
  IF NOT is_last THEN
    UPDATE users SET factor_version = factor_version + 1, role_changed_at = clock_timestamp() WHERE id = owner;
    RETURN 'removed';
  END IF;
  UPDATE users
  SET factor_since = NULL, factor_version = factor_version + 1, role_changed_at = clock_timestamp(),
      step_up_above = NULL, step_up_new_payees = false
  WHERE id = owner;
  DELETE FROM totp_factors WHERE user_id = owner;
  DELETE FROM recovery_codes WHERE user_id = owner;
  DELETE FROM factor_attempts WHERE user_id = owner;
  RETURN 'turned_off';
END $$;
REVOKE EXECUTE ON FUNCTION remove_passkey(uuid, uuid) FROM PUBLIC;

GRANT SELECT, INSERT, DELETE ON passkeys TO instapay_user;
GRANT UPDATE (sign_count, backed_up, name, last_used_at, copied_at) ON passkeys TO instapay_user;
GRANT SELECT, INSERT, DELETE ON spent_challenges TO instapay_user;
GRANT EXECUTE ON FUNCTION remove_passkey(uuid, uuid) TO instapay_user;
