-- What the chain says was proposed: the entry beside the row, found by the index of the operators' log.
-- row: change text?
SELECT e.change
FROM approvals p
JOIN entries e ON e.account_id = p.subject_id AND e.kind = 5 AND e.reference = p.id AND e.actor_id = p.proposed_by
 AND e.created_at BETWEEN p.created_at - interval '1 minute' AND p.created_at + interval '1 minute'
WHERE p.id = $1::uuid
ORDER BY e.seq
LIMIT 1
