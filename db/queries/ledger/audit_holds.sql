-- row: id uuid, payer_id uuid, payee_id uuid, seq bigint, amount bigint, captured bigint, created_at timestamptz,
--      expires_at timestamptz, ended_at timestamptz?, captures integer, status smallint
DECLARE audit_holds NO SCROLL CURSOR FOR
SELECT id, payer_id, payee_id, seq, amount, captured, created_at, expires_at, ended_at, captures, status FROM holds
