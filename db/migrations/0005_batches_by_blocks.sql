-- Receipts read a batch whole. Its entries lie together, unless a part of them went into the holes that
-- vacuum found: then the block ranges that may hold the rest are looked up here. The index on time takes
-- the two columns in, since one index of three columns costs an insert no more than one of one.
CREATE INDEX entries_blocks ON entries USING brin (created_at, chain_id, batch_seq)
  WITH (pages_per_range = 32, autosummarize = on);
DROP INDEX entries_created;
