-- How long the oldest mail has waited that is still to be sent, in seconds, also one that is tried again later, and how many will not be sent any more.
SELECT coalesce(ceil(extract(epoch FROM now() - (
         SELECT min(created_at) FROM mail_outbox WHERE state = 'pending'))), 0)::bigint,
       (SELECT count(*) FROM mail_outbox WHERE state = 'dead')
