-- Receipts show one side its own part of a leaf and the other's as a hash. Balances can be guessed,
-- so those hashes are blinded by what comes from a secret of the batch (docs/decisions/0011).
-- Leaves are hashed in another form than before: a ledger that has some, from before the first
-- release, would fail its audit for ever after.
DO $$
BEGIN
  IF EXISTS (SELECT FROM ledger_batches) THEN
    RAISE EXCEPTION 'this ledger was hashed by a version before the first release: begin with an empty database';
  END IF;
END $$;
ALTER TABLE ledger_batches ADD COLUMN secret bytea,
  ADD CONSTRAINT ledger_batches_secret CHECK (
    CASE WHEN void THEN secret IS NULL ELSE secret IS NOT NULL AND length(secret) = 32 END);
