-- Service accounts: programs that use the API in the name of a wallet, or of the platform (docs/decisions/0033).
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE TABLE service_accounts (
  id            uuid PRIMARY KEY,               -- the client_id; what it orders names it as actor
  wallet_id     uuid,                           -- NULL: the platform's
  created_by    uuid NOT NULL,
  name          text NOT NULL,
  scopes        text[] NOT NULL,                -- never changes: other scopes are another account's
  payment_limit bigint,                         -- of one request, in minor units
  daily_limit   bigint,                         -- of a UTC day
  limits_proven boolean NOT NULL DEFAULT false, -- a second factor was shown when the limits were set
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz,
  last_used_at  timestamptz,
  revoked_at    timestamptz,
  CONSTRAINT service_accounts_name CHECK (length(name) BETWEEN 1 AND 64),
  CONSTRAINT service_accounts_scopes CHECK (
    cardinality(scopes) BETWEEN 1 AND 16 AND scopes <@ CASE
      WHEN wallet_id IS NULL THEN ARRAY['reports:read', 'actions:read']
      ELSE ARRAY['payments:read', 'payments:write', 'refunds:write', 'requests:read', 'requests:write',
                 'reports:read'] END),
  -- Whoever pays does so up to a limit; whoever does not has none.
  CONSTRAINT service_accounts_limits CHECK (
    ('payments:write' = ANY (scopes)) = (payment_limit IS NOT NULL AND daily_limit IS NOT NULL)
    AND (payment_limit IS NULL) = (daily_limit IS NULL) AND payment_limit > 0 AND daily_limit >= payment_limit),
  CONSTRAINT service_accounts_expiry CHECK (expires_at > created_at)
);
CREATE INDEX service_accounts_wallet ON service_accounts (wallet_id, created_at);
-- Services ask for recent revocations every second.
CREATE INDEX service_accounts_revoked ON service_accounts (revoked_at) WHERE revoked_at IS NOT NULL;

-- What an account proves itself with: a secret, of which the hash is kept, or a key, of which the public half is.
CREATE TABLE service_credentials (
  id           uuid PRIMARY KEY,
  account_id   uuid NOT NULL REFERENCES service_accounts,
  secret_hash  bytea,
  public_key   text,                            -- a JWK
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at   timestamptz,
  CONSTRAINT service_credentials_one_kind CHECK ((secret_hash IS NULL) <> (public_key IS NULL)),
  CONSTRAINT service_credentials_secret_hash CHECK (length(secret_hash) = 32),
  CONSTRAINT service_credentials_public_key CHECK (length(public_key) <= 2048)
);
CREATE INDEX service_credentials_account ON service_credentials (account_id, created_at);
CREATE INDEX service_credentials_revoked ON service_credentials (revoked_at) WHERE revoked_at IS NOT NULL;

-- What an account has ordered on a UTC day, or may have: it is taken before the ledger is asked.
CREATE TABLE service_account_days (
  account_id uuid NOT NULL REFERENCES service_accounts,
  day        date NOT NULL,
  ordered    bigint NOT NULL,
  day_limit  bigint NOT NULL,
  PRIMARY KEY (account_id, day),
  CONSTRAINT service_account_days_limit CHECK (ordered BETWEEN 0 AND day_limit)
);
CREATE INDEX service_account_days_day ON service_account_days (day);

-- An account stays what it was made as, and what has ended does not begin again.
CREATE FUNCTION keep_service_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a service account keeps its owner, scopes and limits, and its end' USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER service_accounts_kept BEFORE UPDATE ON service_accounts
  FOR EACH ROW WHEN ((OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    OR (NEW.id, NEW.wallet_id, NEW.created_by, NEW.scopes, NEW.payment_limit, NEW.daily_limit, NEW.limits_proven,
        NEW.created_at, NEW.expires_at)
       IS DISTINCT FROM
       (OLD.id, OLD.wallet_id, OLD.created_by, OLD.scopes, OLD.payment_limit, OLD.daily_limit, OLD.limits_proven,
        OLD.created_at, OLD.expires_at))
  EXECUTE FUNCTION keep_service_account();
CREATE TRIGGER service_credentials_kept BEFORE UPDATE ON service_credentials
  FOR EACH ROW WHEN ((OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    OR (NEW.id, NEW.account_id, NEW.secret_hash, NEW.public_key, NEW.created_at)
       IS DISTINCT FROM (OLD.id, OLD.account_id, OLD.secret_hash, OLD.public_key, OLD.created_at))
  EXECUTE FUNCTION keep_service_account();

-- As many as there may be; core/limits.h has the same numbers. Whoever adds one has locked the owner's row (of an
-- account's first credential there is none to lock: nobody else knows the account yet).
CREATE FUNCTION limit_service_accounts() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF (SELECT count(*) FROM service_accounts
      WHERE wallet_id IS NOT DISTINCT FROM NEW.wallet_id AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > now())) > 20 THEN
    RAISE EXCEPTION 'too many service accounts' USING ERRCODE = '23514', CONSTRAINT = 'service_accounts_limit';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER service_accounts_limit AFTER INSERT ON service_accounts
  FOR EACH ROW EXECUTE FUNCTION limit_service_accounts();

CREATE FUNCTION limit_service_credentials() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF (SELECT count(*) FROM service_credentials WHERE account_id = NEW.account_id AND revoked_at IS NULL) > 2 THEN
    RAISE EXCEPTION 'two credentials at once' USING ERRCODE = '23514', CONSTRAINT = 'service_credentials_limit';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER service_credentials_limit AFTER INSERT ON service_credentials
  FOR EACH ROW EXECUTE FUNCTION limit_service_credentials();

-- Whose wallet is closed has no programs that use it, however it was closed. At the end of the transaction, as
-- schedules are ended (0013).
CREATE FUNCTION revoke_service_accounts_of_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE service_accounts SET revoked_at = now() WHERE wallet_id = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_closed_service_accounts AFTER UPDATE OF status ON accounts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status <> 2 AND NEW.status = 2)
  EXECUTE FUNCTION revoke_service_accounts_of_closed();

-- Whether an account may act now: it has not ended, and nor has its wallet, nor is that frozen.
CREATE FUNCTION service_account_is_live(account service_accounts) RETURNS boolean
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT account.revoked_at IS NULL AND (account.expires_at IS NULL OR account.expires_at > now())
    AND (account.wallet_id IS NULL OR EXISTS (SELECT FROM accounts w WHERE w.id = account.wallet_id AND w.status = 0))
$$;

-- Takes `total` from what the account may still order today, before the ledger is asked; `largest` is the largest
-- payment of the request. A day's sum never passes its limit, whatever runs at once: the row is locked. verdict:
-- `taken`, `ended`, `per_payment`, `per_day`, `step_up` (its owner's rules ask for a factor, and none was shown when
-- the limits were set); asks_new_payees: that is so for payees who were not paid before.
CREATE FUNCTION take_service_allowance(account uuid, total bigint, OUT verdict text, OUT day date, OUT allowed bigint,
                                       OUT remaining bigint, OUT asks_new_payees boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  a service_accounts;
  taken bigint;
BEGIN
  day := (now() AT TIME ZONE 'UTC')::date;
  asks_new_payees := false;
  SELECT * INTO a FROM service_accounts WHERE id = account;
  IF a.id IS NULL OR a.payment_limit IS NULL OR a.revoked_at IS NOT NULL OR a.expires_at <= now() THEN
    verdict := 'ended';
    RETURN;
  END IF;
  IF total > a.payment_limit THEN
    verdict := 'per_payment';
    allowed := a.payment_limit;
    remaining := a.payment_limit;
    RETURN;
  END IF;
  IF NOT a.limits_proven THEN
    SELECT u.step_up_new_payees, CASE WHEN total > u.step_up_above THEN 'step_up' END INTO asks_new_payees, verdict
    FROM users u WHERE u.id = a.wallet_id AND u.factor_since IS NOT NULL;
    asks_new_payees := coalesce(asks_new_payees, false);
    IF verdict IS NOT NULL THEN
      RETURN;
    END IF;
  END IF;
  -- payment_limit is at most daily_limit: the first payment of a day always fits.
  INSERT INTO service_account_days AS d (account_id, day, ordered, day_limit)
  VALUES (a.id, take_service_allowance.day, total, a.daily_limit)
  ON CONFLICT ON CONSTRAINT service_account_days_pkey
    DO UPDATE SET ordered = d.ordered + excluded.ordered WHERE d.ordered + excluded.ordered <= d.day_limit
  RETURNING ordered INTO taken;
  allowed := a.daily_limit;
  IF taken IS NULL THEN
    SELECT d.day_limit - d.ordered INTO remaining
    FROM service_account_days d WHERE d.account_id = a.id AND d.day = take_service_allowance.day;
    verdict := 'per_day';
    RETURN;
  END IF;
  remaining := a.daily_limit - taken;
  verdict := 'taken';
END $$;

-- Gives back what was taken and not paid.
CREATE FUNCTION return_service_allowance(account uuid, of_day date, amount bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  UPDATE service_account_days SET ordered = ordered - amount WHERE account_id = account AND day = of_day
$$;

-- Erasure: what the person wrote goes, and what their programs proved themselves with. That there were any stays: the
-- ledger names them.
CREATE FUNCTION erase_service_accounts(person uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  WITH renamed AS (
    UPDATE service_accounts SET name = 'Erased', revoked_at = coalesce(revoked_at, now())
    WHERE wallet_id = person RETURNING id
  ), forgotten AS (
    DELETE FROM service_credentials c USING renamed r WHERE c.account_id = r.id
  ), days AS (
    DELETE FROM service_account_days d USING renamed r WHERE d.account_id = r.id
  )
  SELECT count(*) FROM renamed
$$;

REVOKE EXECUTE ON FUNCTION take_service_allowance(uuid, bigint), return_service_allowance(uuid, date, bigint),
  erase_service_accounts(uuid), revoke_service_accounts_of_closed() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_service_allowance(uuid, bigint), return_service_allowance(uuid, date, bigint)
  TO instapay_transaction;
GRANT EXECUTE ON FUNCTION erase_service_accounts(uuid) TO instapay_user;
GRANT SELECT, INSERT ON service_accounts, service_credentials TO instapay_user;
GRANT UPDATE (name, last_used_at, revoked_at) ON service_accounts TO instapay_user;
GRANT UPDATE (last_used_at, revoked_at) ON service_credentials TO instapay_user;
GRANT SELECT, DELETE ON service_account_days TO instapay_user;
GRANT SELECT (id, wallet_id, name, revoked_at) ON service_accounts TO instapay_transaction, instapay_reporting;
GRANT SELECT (id, revoked_at) ON service_credentials TO instapay_transaction, instapay_reporting;
