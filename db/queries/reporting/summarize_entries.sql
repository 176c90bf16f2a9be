-- Summarizes the blocks of entries that were filled since block $1, and answers from where to go on.
-- row: filled bigint
SELECT summarize_entries($1::bigint) AS filled
