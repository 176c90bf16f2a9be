-- What exchanging refresh tokens and changing roles need.

-- The successor of an exchanged token, masked with a hash of that token, which is stored nowhere:
-- only who presents the old token again can be given the same successor (the grace for a lost
-- answer).
ALTER TABLE refresh_tokens ADD COLUMN successor bytea,
  ADD CONSTRAINT refresh_tokens_successor_length CHECK (length(successor) = 32);

-- Access tokens carry the role: services ask every second whose has changed lately.
ALTER TABLE users ADD COLUMN role_changed_at timestamptz;
CREATE INDEX users_role_changed ON users (role_changed_at) WHERE role_changed_at IS NOT NULL;
GRANT SELECT (role_changed_at) ON users TO instapay_transaction, instapay_reporting;
