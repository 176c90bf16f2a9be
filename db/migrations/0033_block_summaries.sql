-- The followers find entries by their times, in the block ranges of entries_blocks (BRIN). A range that is not summarized
-- yet is read each time, whatever it holds, and PostgreSQL summarizes them when autovacuum comes by: under load hundreds
-- of megabytes later, and of more than 256 that wait it forgets the rest. So the followers see to it themselves, before
-- they look.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Summarizes what was filled since `from_block` (0: all that is not), and answers from where to go on. The newest four
-- megabytes are left alone: as long as rows still come into a range, each would have to move its summary. Gives up at once
-- where VACUUM is at work, which summarizes as well, and which a waiting lock would end.
CREATE FUNCTION summarize_entries(from_block bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '20ms' AS $$
DECLARE
  range_pages CONSTANT bigint := 32;  -- pages_per_range of entries_blocks
  filled CONSTANT bigint := greatest(
    (pg_relation_size('entries') / current_setting('block_size')::bigint - 512) / range_pages * range_pages, 0);
BEGIN
  IF from_block <= 0 OR from_block > filled THEN
    IF filled > 0 THEN
      PERFORM brin_summarize_new_values('entries_blocks');
    END IF;
  ELSE
    PERFORM brin_summarize_range('entries_blocks', block)
    FROM generate_series(from_block, filled - range_pages, range_pages) AS block;
  END IF;
  RETURN filled;
EXCEPTION WHEN lock_not_available THEN
  RETURN from_block;
END $$;

-- As it was, but the first look has a fifth of a second to spare and not ten seconds: a transfer's time is its batch's, but
-- for the two seconds that an account may be ahead of the clock.
CREATE OR REPLACE FUNCTION batch_window(chain integer, after_seq bigint, last_seq bigint, OUT since timestamptz,
                                        OUT until timestamptz, OUT expected bigint, OUT present bigint)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  begins timestamptz;
  ends timestamptz;
  spare interval;
BEGIN
  SELECT min(b.committed_at), max(b.committed_at), coalesce(sum(b.transfer_count), 0)
    INTO begins, ends, expected
  FROM ledger_batches b
  WHERE b.chain_id = chain AND b.seq > after_seq AND b.seq <= last_seq;
  present := 0;
  IF expected = 0 THEN
    RETURN;
  END IF;
  FOREACH spare IN ARRAY ARRAY['200 milliseconds', '3 seconds', '1 hour', '10 days', NULL]::interval[] LOOP
    since := coalesce(begins - spare, '-infinity');
    until := coalesce(ends + spare, 'infinity');
    SELECT count(*) INTO present
    FROM entries e
    WHERE e.chain_id = chain AND e.batch_seq > after_seq AND e.batch_seq <= last_seq
      AND e.created_at >= since AND e.created_at < until AND e.amount <= 0;
    EXIT WHEN present = expected;
  END LOOP;
END $$;

-- As it was, but as long as nobody wants mails of payments no entry is looked at.
CREATE OR REPLACE FUNCTION mail_batches(chain integer, after_seq bigint, last_seq bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  place record;
BEGIN
  SELECT max(committed_at) AS until, coalesce(sum(transfer_count), 0)::bigint AS transfers INTO place
  FROM ledger_batches WHERE chain_id = chain AND seq > after_seq AND seq <= last_seq;
  IF place.until < now() - notice_mail_life() - interval '1 hour'  -- too old to be told
     OR NOT EXISTS (SELECT FROM notice_settings WHERE large_payment_from IS NOT NULL OR money_in) THEN
    RETURN place.transfers;
  END IF;
  SELECT * INTO place FROM batch_window(chain, after_seq, last_seq);
  IF place.present = place.expected THEN
    INSERT INTO mail_outbox (id, event_key, kind, user_id, entry_seq, expires_at)
    SELECT gen_random_uuid(), n.kind || '/' || n.transfer_id, n.kind, n.account_id, n.seq, now() + notice_mail_life()
    FROM (SELECT w.*, row_number() OVER (PARTITION BY w.account_id, w.kind ORDER BY w.seq) AS number
          FROM window_notices(chain, after_seq, last_seq, place.since, place.until) w) n
    WHERE n.kind = 'large_payment'
       OR n.number <= money_mails_a_day() - (
            SELECT count(*) FROM mail_outbox m
            WHERE m.user_id = n.account_id AND m.kind = 'money_in' AND m.created_at > now() - interval '24 hours')
    ON CONFLICT (event_key) DO NOTHING;
  END IF;
  RETURN place.present;
END $$;

REVOKE EXECUTE ON FUNCTION summarize_entries(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION summarize_entries(bigint) TO instapay_user, instapay_reporting;
