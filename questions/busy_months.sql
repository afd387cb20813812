-- Months with more than one launch, marking those that rest on placeholder dates
SELECT
  month,
  COUNT(*) AS launches,
  COUNT(*) FILTER (WHERE upcoming) AS upcoming,
  COUNT(*) FILTER (WHERE date_precision IS DISTINCT FROM 'hour') AS placeholders
FROM (
  SELECT
    upcoming,
    date_precision,
    LPAD(CAST(CAST(EXTRACT(YEAR FROM date_utc AT TIME ZONE 'UTC') AS integer) AS varchar), 4, '0')
      || '-' || LPAD(CAST(CAST(EXTRACT(MONTH FROM date_utc AT TIME ZONE 'UTC') AS integer) AS varchar), 2, '0')
      AS month
  FROM launches
) AS dated
GROUP BY month
HAVING COUNT(*) > 1
ORDER BY month COLLATE "C" NULLS LAST
