-- PINs for small payments, and what wallets may send before their address is verified (docs/decisions/0043).
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Of the payments that a PIN is good for, what their payer allows at most (minor units); NULL: what the platform does.
ALTER TABLE users
  ADD COLUMN pin_per_payment bigint,
  ADD COLUMN pin_per_day bigint,
  ADD CONSTRAINT users_pin_limits CHECK (pin_per_payment >= 0 AND pin_per_day >= 0) NOT VALID;

-- A PIN is of one session, which is what is known of a device, and ends with it. The bcrypt hash is sealed with the key
-- of that id (AES-256-GCM: nonce, ciphertext, tag): who has the database alone cannot try the few PINs there are.
CREATE TABLE session_pins (
  session_id   uuid PRIMARY KEY,
  user_id      uuid NOT NULL,
  id           uuid NOT NULL,                -- of this setting
  key_id       bytea NOT NULL,
  sealed_hash  bytea NOT NULL,
  set_by       text NOT NULL,                -- the factor that was shown for it
  failures     smallint NOT NULL DEFAULT 0,  -- wrong ones in a row; auth/pin.h has the same numbers
  misses       smallint NOT NULL DEFAULT 0,  -- wrong ones in all: a right one does not forgive them
  set_at       timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  proven_at    timestamptz,                  -- when it was last shown, as far as that counts
  locked_at    timestamptz,                  -- since when its owner knows that it is of no use any more
  CONSTRAINT session_pins_key_id CHECK (length(key_id) = 8),
  CONSTRAINT session_pins_sealed_hash CHECK (length(sealed_hash) = 12 + 60 + 16),
  CONSTRAINT session_pins_failures CHECK (failures BETWEEN 0 AND 5),
  CONSTRAINT session_pins_misses CHECK (misses BETWEEN 0 AND 15),
  CONSTRAINT session_pins_locked CHECK (locked_at IS NULL OR ((failures = 5 OR misses = 15) AND proven_at IS NULL))
);
CREATE INDEX session_pins_user ON session_pins (user_id);

-- Set only where a second factor was shown in this session just now: five minutes, and what the hash and the answer may
-- take.
CREATE FUNCTION require_factor_for_pin() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  SELECT s.factor INTO NEW.set_by
  FROM sessions s
  JOIN users u ON u.id = s.user_id
  WHERE s.id = NEW.session_id AND s.user_id = NEW.user_id AND s.revoked_at IS NULL AND s.expires_at > now()
    AND u.factor_since IS NOT NULL AND s.factor IS NOT NULL AND s.factor_at > now() - interval '6 minutes';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a PIN is set after a second factor' USING ERRCODE = 'IP015';
  END IF;
  IF NEW.failures <> 0 OR NEW.misses <> 0 OR NEW.last_used_at IS NOT NULL OR NEW.proven_at IS NOT NULL
      OR NEW.locked_at IS NOT NULL THEN
    RAISE EXCEPTION 'a new PIN was not used yet' USING ERRCODE = 'IP015';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER session_pins_added BEFORE INSERT ON session_pins
  FOR EACH ROW EXECUTE FUNCTION require_factor_for_pin();
CREATE TRIGGER session_pins_replaced BEFORE UPDATE ON session_pins
  FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION require_factor_for_pin();

-- A PIN stays where it was set, one that is locked stays so until another is set, and of the wrong ones in all only the
-- attempt at hand is taken back.
CREATE FUNCTION keep_pin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a PIN stays where it was set, and locked' USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER session_pins_kept BEFORE UPDATE ON session_pins
  FOR EACH ROW WHEN ((NEW.session_id, NEW.user_id) IS DISTINCT FROM (OLD.session_id, OLD.user_id)
    OR (NEW.id = OLD.id AND ((NEW.set_at, NEW.set_by) IS DISTINCT FROM (OLD.set_at, OLD.set_by)
      OR NEW.misses < OLD.misses - 1
      OR (OLD.locked_at IS NOT NULL
          AND (NEW.locked_at, NEW.failures, NEW.misses, NEW.proven_at)
              IS DISTINCT FROM (OLD.locked_at, OLD.failures, OLD.misses, OLD.proven_at)))))
  EXECUTE FUNCTION keep_pin();

-- Ends with its session, however that ends: signed out here or from elsewhere, a new password, a freeze, a closing, an
-- erasure, a copied refresh token; and where second factors are turned off, as nothing could set it again.
CREATE FUNCTION forget_pin_of_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM session_pins WHERE session_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER sessions_ended_pins AFTER UPDATE OF revoked_at ON sessions
  FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION forget_pin_of_session();
-- What it was proven by is gone, so it may have been somebody else's: whoever showed that may have set the PIN, too.
CREATE TRIGGER sessions_unproven_pins AFTER UPDATE OF factor ON sessions
  FOR EACH ROW WHEN (OLD.factor IS NOT NULL AND NEW.factor IS NULL) EXECUTE FUNCTION forget_pin_of_session();
CREATE TRIGGER sessions_gone_pins AFTER DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION forget_pin_of_session();

-- Also where the session has shown another factor since. Which passkey it was is not kept, so any that is removed counts,
-- as for the sessions that are proven by one (remove_passkey).
CREATE FUNCTION forget_pins_of_passkey() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM session_pins WHERE user_id = OLD.user_id AND set_by = 'passkey';
  RETURN NULL;
END $$;
CREATE TRIGGER passkeys_gone_pins AFTER DELETE ON passkeys
  FOR EACH ROW EXECUTE FUNCTION forget_pins_of_passkey();

CREATE FUNCTION forget_pins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM session_pins WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_factors_off_pins AFTER UPDATE OF factor_since ON users
  FOR EACH ROW WHEN (OLD.factor_since IS NOT NULL AND NEW.factor_since IS NULL) EXECUTE FUNCTION forget_pins();

-- And what its owner allowed PINs, however second factors are turned off.
CREATE FUNCTION forget_pin_limits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.pin_per_payment := NULL;
  NEW.pin_per_day := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER users_factors_off_pin_limits BEFORE UPDATE OF factor_since ON users
  FOR EACH ROW WHEN (OLD.factor_since IS NOT NULL AND NEW.factor_since IS NULL) EXECUTE FUNCTION forget_pin_limits();

-- What somebody has paid by PINs on their last such day, on whichever device.
CREATE TABLE pin_days (
  user_id uuid PRIMARY KEY,
  day     date NOT NULL,            -- UTC
  spent   bigint NOT NULL,
  CONSTRAINT pin_days_spent CHECK (spent >= 0)
);

-- Takes `total` from what PINs are still good for today, before the ledger is asked: a day's sum never passes its limit,
-- whatever runs at once. verdict: `taken`; `limit`, above what the platform ($4, $5) or the payer allows; `unshown`, the PIN of
-- this session was not shown within five minutes (or nobody says so: a total of NULL only asks); `none`, there is no PIN, or it
-- is locked.
CREATE FUNCTION take_pin_allowance(owner uuid, of_session uuid, total bigint, per_payment bigint, per_day bigint,
                                   OUT verdict text, OUT of_day date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  payment_limit bigint;
  day_limit bigint;
  is_shown boolean;
BEGIN
  of_day := (now() AT TIME ZONE 'UTC')::date;
  SELECT least(per_payment, u.pin_per_payment), least(per_day, u.pin_per_day), p.proven_at > now() - interval '5 minutes'
    INTO payment_limit, day_limit, is_shown
  FROM session_pins p
  JOIN sessions s ON s.id = p.session_id
  JOIN users u ON u.id = p.user_id
  WHERE p.session_id = of_session AND p.user_id = owner AND p.locked_at IS NULL AND p.failures < 5 AND p.misses < 15
    AND s.revoked_at IS NULL AND s.expires_at > now()
  FOR SHARE OF p;
  IF NOT FOUND THEN
    verdict := 'none';
    RETURN;
  END IF;
  IF total IS NULL OR is_shown IS NOT TRUE THEN
    verdict := 'unshown';
    RETURN;
  END IF;
  verdict := 'limit';
  IF total <= 0 OR total > payment_limit OR total > day_limit THEN
    RETURN;
  END IF;
  INSERT INTO pin_days AS d (user_id, day, spent) VALUES (owner, of_day, total)
  ON CONFLICT (user_id) DO UPDATE
    SET spent = excluded.spent + CASE WHEN d.day = excluded.day THEN d.spent ELSE 0 END, day = excluded.day
    WHERE d.day < excluded.day OR (d.day = excluded.day AND d.spent + excluded.spent <= day_limit);
  IF FOUND THEN
    verdict := 'taken';
  END IF;
END $$;

-- Gives back what was taken and not paid.
CREATE FUNCTION return_pin_allowance(owner uuid, of_day date, amount bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  UPDATE pin_days SET spent = greatest(spent - greatest(amount, 0), 0) WHERE user_id = owner AND day = of_day
$$;

-- What is mailed and shown of it, besides the kinds that are there. NOT VALID: what is there already satisfied a narrower
-- rule.
DO $$
DECLARE
  wider record;
BEGIN
  FOR wider IN
    SELECT c.conrelid::regclass AS relation, c.conname AS rule, pg_get_expr(c.conbin, c.conrelid) AS held
    FROM (VALUES ('user_events'::regclass, 'user_events_kind'), ('mail_outbox'::regclass, 'mail_outbox_kind'))
      AS k (relation, rule)
    JOIN pg_constraint c ON c.conrelid = k.relation AND c.conname = k.rule
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I CHECK (%s OR kind IN (''pin_set'', ''pin_locked'')) NOT VALID',
                   wider.relation, wider.rule, wider.rule, wider.held);
  END LOOP;
END $$;

-- The ledger limits what is sent before the address is verified.
GRANT SELECT (email_verified_at) ON users TO instapay_transaction;

REVOKE EXECUTE ON FUNCTION forget_pin_of_session(), forget_pins_of_passkey(), forget_pins(),
  take_pin_allowance(uuid, uuid, bigint, bigint, bigint), return_pin_allowance(uuid, date, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_pin_allowance(uuid, uuid, bigint, bigint, bigint), return_pin_allowance(uuid, date, bigint)
  TO instapay_transaction;
GRANT SELECT, DELETE ON session_pins, pin_days TO instapay_user;
GRANT INSERT (session_id, user_id, id, key_id, sealed_hash) ON session_pins TO instapay_user;
GRANT UPDATE (id, key_id, sealed_hash, failures, misses, set_at, last_used_at, proven_at, locked_at) ON session_pins TO instapay_user;
