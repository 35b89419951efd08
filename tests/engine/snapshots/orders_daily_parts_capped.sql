WITH "surplus_country" AS (
  SELECT
    "day",
    "d_country"
  FROM (
    SELECT
      "day",
      "d_country",
      ROW_NUMBER() OVER (PARTITION BY "day" ORDER BY COUNT(*) DESC, "d_country") AS "place"
    FROM "records"
    WHERE
      NOT "d_country" IS NULL
    GROUP BY
      "day",
      "d_country"
  ) AS "ranked"
  WHERE
    "place" > $5
)
SELECT
  "records"."day",
  $1 AS "d_country",
  CAST(CASE WHEN "records"."f_kind" IN ($2) THEN "records"."b_amount" END AS SMALLINT) AS "spot",
  0 AS "piece",
  CAST(COUNT(*) AS BIGINT) AS "amount"
FROM "records"
GROUP BY
  1,
  3
UNION ALL
SELECT
  "records"."day",
  $1 AS "d_country",
  CAST("records"."slot" AS SMALLINT) AS "spot",
  1 AS "piece",
  CAST(MAX("records"."rank") AS BIGINT) AS "amount"
FROM "records"
GROUP BY
  1,
  3
UNION ALL
SELECT
  "records"."day",
  CASE
    WHEN NOT "surplus_country"."day" IS NULL
    THEN $4
    ELSE COALESCE("records"."d_country", $3)
  END AS "d_country",
  CAST("records"."slot" AS SMALLINT) AS "spot",
  2 AS "piece",
  CAST(MAX("records"."rank") AS BIGINT) AS "amount"
FROM "records"
LEFT JOIN "surplus_country"
  ON "surplus_country"."day" = "records"."day"
  AND "surplus_country"."d_country" = "records"."d_country"
GROUP BY
  1,
  2,
  3
UNION ALL
SELECT
  "records"."day",
  $1 AS "d_country",
  CAST(NULL AS SMALLINT) AS "spot",
  3 AS "piece",
  CAST(COUNT(DISTINCT "records"."key") AS BIGINT) AS "amount"
FROM "records"
GROUP BY
  1
-- (0, 4, 1, 2, 2)
