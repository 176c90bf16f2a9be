-- The payer's own proof of a payment: what their passkey has signed about it (docs/decisions/0040). The entries of the
-- payment have its hash in `change`, so the chain covers it; check_entries() of 0029 lets them name what is kept here only.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Of what an authorization is, as src/transaction/authorization.cpp hashes it.
CREATE FUNCTION authorization_hash(relying_party text, credential_id bytea, public_key bytea, client_data bytea,
                                   authenticator_data bytea, signature bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256('\x06'::bytea || string_agg(int4send(length(part)) || part, ''::bytea ORDER BY place))
  FROM unnest(ARRAY[convert_to(relying_party, 'UTF8'), credential_id, public_key, client_data, authenticator_data,
                    signature]) WITH ORDINALITY AS parts (part, place)
$$;

-- The hash that an entry's `change` names, if it names one.
CREATE FUNCTION authorization_of(change text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT decode(substring(change FROM '^\{"authorization":"([0-9a-f]{64})"\}$'), 'hex')
$$;

CREATE TABLE payment_authorizations (
  hash               bytea PRIMARY KEY,
  payer_id           uuid NOT NULL REFERENCES users,
  relying_party      text NOT NULL,      -- the domain that the passkey is for
  credential_id      bytea NOT NULL,
  public_key         bytea NOT NULL,     -- COSE_Key, as it was when it signed
  client_data        bytea NOT NULL,     -- JSON of the browser; its challenge is the payment's hash
  authenticator_data bytea NOT NULL,
  signature          bytea NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT payment_authorizations_hash CHECK (hash = authorization_hash(
    relying_party, credential_id, public_key, client_data, authenticator_data, signature)),
  CONSTRAINT payment_authorizations_sizes CHECK (
    relying_party <> '' AND length(credential_id) > 0 AND length(public_key) > 0 AND length(client_data) > 0
    AND length(authenticator_data) >= 37 AND length(signature) > 0
    -- src/transaction/authorization.h has the same number.
    AND octet_length(relying_party) + length(credential_id) + length(public_key) + length(client_data)
        + length(authenticator_data) + length(signature) <= 4096)
);
CREATE INDEX payment_authorizations_payer ON payment_authorizations (payer_id);

-- What somebody has signed stays, until the person is erased: of a closed wallet only.
CREATE FUNCTION keep_authorization() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM accounts WHERE id = OLD.payer_id AND status = 2) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'what a payer has signed stays' USING ERRCODE = 'IP002';
END $$;
CREATE TRIGGER payment_authorizations_kept BEFORE UPDATE OR DELETE ON payment_authorizations
  FOR EACH ROW EXECUTE FUNCTION keep_authorization();
CREATE TRIGGER payment_authorizations_truncated BEFORE TRUNCATE ON payment_authorizations
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- They go with the person, whoever erases them: a service of the release before, too.
CREATE FUNCTION forget_authorizations() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM payment_authorizations WHERE payer_id = NEW.id;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION forget_authorizations() FROM PUBLIC;
CREATE TRIGGER users_erased_authorizations AFTER UPDATE OF erased_at ON users
  FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
  EXECUTE FUNCTION forget_authorizations();

-- Where one process is all services, its ledger is instapay_user.
GRANT SELECT, INSERT ON payment_authorizations TO instapay_transaction, instapay_user;
-- Whose passkey has signed, and that its counter grows.
GRANT SELECT (id, user_id, credential_id, public_key, backup_eligible, sign_count, transports, created_at) ON passkeys
  TO instapay_transaction;
GRANT UPDATE (sign_count, backed_up, last_used_at, copied_at) ON passkeys TO instapay_transaction;
