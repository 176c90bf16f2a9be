-- row: forgotten void
SELECT forget_pushes() AS forgotten
