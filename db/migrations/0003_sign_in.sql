-- Sign-in: docs/architecture.md, "Sessions".
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- A closed account has no sessions, whoever closes it and however. A statement of its own after the
-- account's row was locked: it sees a session that began just before (create_session.sql holds that row).
CREATE FUNCTION end_sessions_of_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE sessions SET revoked_at = clock_timestamp() WHERE user_id = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_closed AFTER UPDATE OF status ON accounts
  FOR EACH ROW WHEN (NEW.status = 2 AND OLD.status <> 2) EXECUTE FUNCTION end_sessions_of_closed();

-- Of a person's sessions only so many stay, those used last. Called before another begins, while the
-- user's row is locked.
CREATE FUNCTION end_oldest_sessions(owner uuid, keep integer) RETURNS bigint
LANGUAGE sql VOLATILE SET search_path FROM CURRENT AS $$
  WITH ended AS (
    UPDATE sessions SET revoked_at = clock_timestamp()
    WHERE id IN (SELECT id FROM sessions
                 WHERE user_id = owner AND revoked_at IS NULL AND expires_at > now()
                 ORDER BY last_used_at DESC, id DESC
                 OFFSET keep)
    RETURNING 1
  )
  SELECT count(*) FROM ended
$$;
REVOKE EXECUTE ON FUNCTION end_oldest_sessions(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_oldest_sessions(uuid, integer) TO instapay_user;
