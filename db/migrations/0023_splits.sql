-- Splits: a sum that one person asks several others for, each by a payment request (docs/decisions/0036).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- mode: 0 equal, 1 by shares, 2 by amounts. What the others are asked for, by when and with which note, and what came
-- of it is in their requests and nowhere else.
CREATE TABLE splits (
  id              uuid PRIMARY KEY,
  user_id         uuid NOT NULL,             -- who splits, and is paid
  payment_id      uuid,                      -- their payment that is split
  own_amount      bigint,                    -- their own part, minor units; NULL: they have none
  own_shares      integer,
  mode            smallint NOT NULL,
  idempotency_key bytea NOT NULL,            -- of its creation, as in entries
  request_hash    bytea NOT NULL,
  CONSTRAINT splits_idempotency UNIQUE (user_id, idempotency_key),
  CONSTRAINT splits_mode CHECK (mode BETWEEN 0 AND 2),
  CONSTRAINT splits_own CHECK (
    own_amount BETWEEN 1 AND 9000000000000000 AND own_shares BETWEEN 1 AND 10000
    AND (own_shares IS NOT NULL) = (own_amount IS NOT NULL AND mode <> 2)),
  CONSTRAINT splits_key CHECK (length(idempotency_key) = 16 AND length(request_hash) = 16)
);
CREATE INDEX splits_user ON splits (user_id, id);

-- The requests of a split, in the order in which the people were named.
CREATE TABLE split_requests (
  request_id uuid PRIMARY KEY REFERENCES payment_requests,
  split_id   uuid NOT NULL REFERENCES splits,
  position   smallint NOT NULL,
  shares     integer,                        -- NULL: by amounts
  CONSTRAINT split_requests_position UNIQUE (split_id, position),
  CONSTRAINT split_requests_limit CHECK (position BETWEEN 1 AND 50), -- kSplitPeopleMax of src/core/limits.h
  CONSTRAINT split_requests_shares CHECK (shares BETWEEN 1 AND 10000)
);

CREATE TRIGGER splits_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON splits
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER split_requests_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON split_requests
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- As in 0007, and of which split it is.
CREATE OR REPLACE VIEW payment_request_details AS
SELECT r.id, r.payee_id, payee.username AS payee_username, payee.display_name AS payee_name,
       r.payer_id, payer.username AS payer_username, payer.display_name AS payer_name,
       r.amount, r.note,
       CASE WHEN r.status IN (0, 2) AND r.expires_at <= now() THEN 5 ELSE r.status END::smallint AS state,
       r.created_at, r.expires_at, r.paid_at, r.closed_at, r.reminded_at, r.decline_reason, r.transfer_id,
       (SELECT coalesce(-sum(x.amount), 0) FROM entries x
        WHERE x.account_id = r.payee_id AND x.refund_of = r.transfer_id)::bigint AS refunded,
       r.code, part.split_id
FROM payment_requests r
JOIN users payee ON payee.id = r.payee_id
LEFT JOIN users payer ON payer.id = r.payer_id
LEFT JOIN split_requests part ON part.request_id = r.id;

-- Splits with what their requests say. 51 amounts of the largest size fit in 64 bits.
CREATE VIEW split_details AS
SELECT s.id, s.user_id, s.payment_id, s.mode, s.own_amount, s.own_shares,
       coalesce(s.own_amount, 0) + asked.amount AS total, coalesce(s.own_shares, 0) + asked.shares AS all_shares,
       asked.note, asked.created_at, asked.expires_at,
       asked.open, asked.paid, asked.declined, asked.cancelled, asked.expired, asked.received, asked.refunded
FROM splits s
CROSS JOIN LATERAL (
  SELECT sum(r.amount)::bigint AS amount, sum(part.shares)::bigint AS shares, min(r.note) AS note,
         min(r.created_at) AS created_at, min(r.expires_at) AS expires_at,
         count(*) FILTER (WHERE r.state = 0) AS open,
         count(*) FILTER (WHERE r.state = 1) AS paid,
         count(*) FILTER (WHERE r.state = 3) AS declined,
         count(*) FILTER (WHERE r.state = 4) AS cancelled,
         count(*) FILTER (WHERE r.state = 5) AS expired,
         coalesce(sum(r.amount) FILTER (WHERE r.state = 1), 0)::bigint AS received,
         coalesce(sum(r.refunded), 0)::bigint AS refunded
  FROM split_requests part
  JOIN payment_request_details r ON r.id = part.request_id
  WHERE part.split_id = s.id
) AS asked;

GRANT SELECT ON split_details TO instapay_user, instapay_transaction;
GRANT SELECT ON splits, split_requests TO instapay_transaction;
GRANT INSERT ON splits, split_requests TO instapay_transaction;
