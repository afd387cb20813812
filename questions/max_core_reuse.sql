-- The most times one core has flown, and every core that has flown as often
SELECT core_id, uses
FROM (
  SELECT core_id, COUNT(*) AS uses, MAX(COUNT(*)) OVER () AS most
  FROM cores
  GROUP BY core_id
) AS counted
WHERE uses = most
ORDER BY core_id COLLATE "C" NULLS LAST
