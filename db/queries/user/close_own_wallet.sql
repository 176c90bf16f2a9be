-- Runs in the transaction of the control entry that tells of it (the ledger's prelude): user $1 closes their wallet. What
-- belongs to it ends by triggers of accounts; where mail is sent ($2), one of them writes the last figures.
-- `changed_meanwhile`: it is not open any more, or its owner of the staff.
-- row: changed bigint, mails text
WITH owner AS (
  SELECT u.id
  FROM users u
  JOIN accounts a ON a.id = u.id
  WHERE u.id = $1::uuid AND u.erased_at IS NULL AND u.role = 'user' AND a.status = 0
  FOR NO KEY UPDATE OF u, a
)
SELECT require_unchanged((SELECT count(*) FROM owner)) AS changed,
       set_config('instapay.mails', CASE WHEN $2::boolean THEN 'on' ELSE 'off' END, true) AS mails
