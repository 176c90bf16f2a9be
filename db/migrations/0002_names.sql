-- Names that people pay to: a username that was given up stays reserved, renames are limited and seen
-- (docs/decisions/0017).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- When the username or the display name was last changed: payers are shown it.
ALTER TABLE users ADD COLUMN renamed_at timestamptz;

-- Each username that a user gave up. Its SHA-256 only: nobody reads old names here, and erasing a user leaves
-- none behind.
CREATE TABLE username_releases (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     uuid NOT NULL,                 -- whose it was
  name_hash   bytea NOT NULL,
  released_at timestamptz NOT NULL DEFAULT now(),
  actor_id    uuid,                          -- the operator who renamed them; NULL: the user did
  erased      boolean NOT NULL DEFAULT false,
  CONSTRAINT username_releases_hash_length CHECK (length(name_hash) = 32)
);
CREATE INDEX username_releases_name ON username_releases (name_hash, released_at);
CREATE INDEX username_releases_user ON username_releases (user_id, released_at);

CREATE FUNCTION username_hash(username text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sha256(convert_to(username, 'UTF8')) $$;

-- For how long a username stays its former owner's, and how often a user may rename in how long.
CREATE FUNCTION username_reserved_for() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '12 months' $$;
CREATE FUNCTION rename_period() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '30 days' $$;
CREATE FUNCTION renames_a_period() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 2 $$;

-- Both look after the row is in the unique index of usernames: whoever gave the name up has committed by then,
-- or the index would have refused, and a statement of a trigger sees what has been committed.
CREATE FUNCTION refuse_reserved_usernames() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (
    SELECT FROM inserted i
    JOIN username_releases r ON r.name_hash = username_hash(i.username)
    WHERE r.user_id <> i.id AND r.released_at > now() - username_reserved_for()
  ) THEN
    RAISE EXCEPTION 'the username is reserved' USING ERRCODE = '23514', CONSTRAINT = 'username_reserved';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER users_reserved_usernames AFTER INSERT ON users
  REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_reserved_usernames();

-- The operator who renames somebody is named by the setting instapay.renamed_by of the transaction
-- (update_user.sql): operators' renames are not limited. Nor is erasure, which takes the name away.
CREATE FUNCTION release_username() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  actor uuid := nullif(current_setting('instapay.renamed_by', true), '')::uuid;
  is_erased boolean := NEW.erased_at IS NOT NULL;
BEGIN
  IF actor IS NULL AND NOT is_erased AND renames_a_period() <= (
    SELECT count(*) FROM username_releases
    WHERE user_id = NEW.id AND actor_id IS NULL AND released_at > now() - rename_period()
  ) THEN
    RAISE EXCEPTION 'too many renames' USING ERRCODE = '23514', CONSTRAINT = 'rename_limit';
  END IF;
  IF EXISTS (
    SELECT FROM username_releases
    WHERE name_hash = username_hash(NEW.username) AND user_id <> NEW.id
      AND released_at > now() - username_reserved_for()
  ) THEN
    RAISE EXCEPTION 'the username is reserved' USING ERRCODE = '23514', CONSTRAINT = 'username_reserved';
  END IF;
  INSERT INTO username_releases (user_id, name_hash, actor_id, erased)
  VALUES (NEW.id, username_hash(OLD.username), actor, is_erased);
  RETURN NULL;
END $$;
CREATE TRIGGER users_released_usernames AFTER UPDATE OF username ON users
  FOR EACH ROW WHEN (OLD.username IS DISTINCT FROM NEW.username) EXECUTE FUNCTION release_username();

CREATE FUNCTION stamp_rename() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.renamed_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER users_renamed BEFORE UPDATE OF username, display_name ON users
  FOR EACH ROW
  WHEN (OLD.username IS DISTINCT FROM NEW.username OR OLD.display_name IS DISTINCT FROM NEW.display_name)
  EXECUTE FUNCTION stamp_rename();

CREATE TRIGGER username_releases_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON username_releases
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- When a user may rename again. The triggers write the table; no service does.
GRANT SELECT (user_id, released_at, actor_id) ON username_releases TO instapay_user;
