-- no-transaction
-- The operators' log, without the payments that wallets' own programs order, and what payees do with holds: those may be
-- many. entries_actions is for the release before; a later one drops it.
DROP INDEX CONCURRENTLY IF EXISTS entries_operators_actions;
CREATE INDEX CONCURRENTLY entries_operators_actions ON entries (created_at, account_id, seq)
  WHERE actor_id IS NOT NULL AND kind <> 1 AND kind < 6;
