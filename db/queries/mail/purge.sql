-- What was sent or dropped a week ago, what died a month ago, and tokens a day past their end; $1 of each at a time.
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
)
SELECT (SELECT count(*) FROM mails), (SELECT count(*) FROM tokens)
