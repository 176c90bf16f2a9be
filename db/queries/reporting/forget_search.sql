-- row: forgotten void
SELECT forget_search() AS forgotten
