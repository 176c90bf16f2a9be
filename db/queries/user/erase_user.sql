-- Runs in the transaction of a control entry (the ledger's prelude). What is left of the person is an id:
-- the names are made of it, since others' histories name somebody. The trigger users_factors_off removes the passkeys.
-- $2 and $3: the proposal that it was approved by, and who did.
-- row: erased bigint, requests bigint?, schedules bigint?, mandates bigint?, service_accounts bigint?, executed void
WITH erased AS (
  UPDATE users
  SET username = 'erased-' || left(replace(id::text, '-', ''), 24), email = id::text || '@erased.invalid',
      display_name = 'Erased user', password_hash = '!', role = 'user', role_changed_at = now(),
      erased_at = now(), updated_at = now(), factor_since = NULL, language = NULL, email_verified_at = NULL,
      grant_due = false, step_up_above = NULL, step_up_new_payees = false, pin_per_payment = NULL, pin_per_day = NULL
  WHERE id = $1::uuid AND erased_at IS NULL
    AND EXISTS (SELECT FROM account_states a WHERE a.id = $1 AND a.status = 2 AND a.balance = 0)
  RETURNING id
), sessions AS (
  DELETE FROM sessions s USING erased e WHERE s.user_id = e.id RETURNING s.id
), tokens AS (
  DELETE FROM refresh_tokens t USING sessions s WHERE t.session_id = s.id
), factors AS (
  DELETE FROM totp_factors f USING erased e WHERE f.user_id = e.id
), pin_days AS (
  DELETE FROM pin_days p USING erased e WHERE p.user_id = e.id
), codes AS (
  DELETE FROM recovery_codes c USING erased e WHERE c.user_id = e.id
), attempts AS (
  DELETE FROM factor_attempts a USING erased e WHERE a.user_id = e.id
)
SELECT require_unchanged((SELECT count(*) FROM erased)) AS erased, (SELECT erase_requests(id) FROM erased) AS requests,
       (SELECT erase_schedules(id) FROM erased) AS schedules, (SELECT erase_mandates(id) FROM erased) AS mandates,
       (SELECT erase_service_accounts(id) FROM erased) AS service_accounts,
       execute_approval($2::uuid, $3::uuid) AS executed
