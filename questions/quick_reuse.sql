-- Cores flown again less than 50 days after their previous launch
-- days: exact interval in days, rounded half up to 3 digits, in whole numbers so that all databases agree
WITH flown AS (
  SELECT
    cores.core_id,
    launches.launch_id,
    launches.date_utc,
    LAG(launches.launch_id) OVER in_turn AS previous_launch_id,
    LAG(launches.date_utc) OVER in_turn AS previous_date_utc
  FROM cores
  JOIN launches ON launches.launch_id = cores.launch_id
  WINDOW in_turn AS (PARTITION BY cores.core_id ORDER BY launches.date_utc, launches.launch_id COLLATE "C")
),
timed AS (
  SELECT
    flown.*,
    CAST(EXTRACT(EPOCH FROM date_utc) * 1000000 AS bigint)
      - CAST(EXTRACT(EPOCH FROM previous_date_utc) * 1000000 AS bigint) AS micros
  FROM flown
  WHERE previous_launch_id IS NOT NULL
),
rounded AS (
  SELECT timed.*, micros + 43200000 AS raised
  FROM timed
  WHERE micros < CAST(50 AS bigint) * 86400000000
)
SELECT
  core_id,
  previous_launch_id,
  launch_id,
  previous_date_utc,
  date_utc,
  CAST(CAST((raised - raised % 86400000) / 86400000 AS bigint) * 0.001 AS numeric(9, 3)) AS days
FROM rounded
ORDER BY date_utc NULLS LAST, launch_id COLLATE "C" NULLS LAST, core_id COLLATE "C" NULLS LAST
