-- row: forgotten void
SELECT forget_notices() AS forgotten
