-- A mail to whoever has the address, if anybody has: who that is, and whether they get a link, is looked up when
-- it is sent (db/queries/mail/claim.sql), so that nothing here depends on it. One a minute for each address.
INSERT INTO mail_outbox (id, event_key, kind, address, language, expires_at)
VALUES ($1::uuid,
        'password_reset/' || encode(sha256(convert_to($2::text, 'UTF8')), 'hex') || '/'
          || floor(extract(epoch FROM now()) / 60)::bigint,
        'password_reset', $2, $3::text, now() + $4::integer * interval '1 second')
ON CONFLICT (event_key) DO NOTHING
