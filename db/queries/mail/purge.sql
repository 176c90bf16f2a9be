-- What was sent or dropped a week ago, what died a month ago, tokens a day past their end, and changes of address
-- of which nothing can come any more; $1 of each at a time.
WITH mails AS (
  DELETE FROM mail_outbox
  WHERE id IN (SELECT id FROM mail_outbox
               WHERE state <> 'pending'
                 AND finished_at < now() - CASE state WHEN 'dead' THEN interval '30 days' ELSE interval '7 days' END
               ORDER BY finished_at
               LIMIT $1::integer
               FOR UPDATE SKIP LOCKED)
  RETURNING 1
), tokens AS (
  DELETE FROM mail_tokens
  WHERE token_hash IN (SELECT token_hash FROM mail_tokens
                       WHERE expires_at < now() - interval '1 day'
                       ORDER BY expires_at
                       LIMIT $1::integer
                       FOR UPDATE SKIP LOCKED)
  RETURNING 1
), changes AS (
  DELETE FROM email_changes
  WHERE id IN (SELECT id FROM email_changes
               WHERE asked_at < now() - (email_change_life() + 2 * email_undo_life() + interval '1 day')
               ORDER BY asked_at
               LIMIT $1::integer
               FOR UPDATE SKIP LOCKED)
  RETURNING 1
)
SELECT (SELECT count(*) FROM mails), (SELECT count(*) FROM tokens) + (SELECT count(*) FROM changes)
