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
), "grouped" AS (
  SELECT
    "records"."day",
    CASE
      WHEN NOT "surplus_country"."day" IS NULL
      THEN $2
      ELSE COALESCE("records"."d_country", $1)
    END AS "d_country",
    "records"."subject",
    COUNT(CASE WHEN "records"."f_kind" IN ($3) OR "records"."f_kind" IS NULL THEN 1 END) AS "m_returns",
    SUM(ABS("records"."f_amount")) AS "a_amount",
    SUM("records"."f_amount") AS "m_amount",
    MIN("records"."f_amount") AS "m_least",
    MAX(CASE WHEN "records"."f_paid" IN ($4) THEN "records"."f_amount" END) AS "m_most_unpaid"
  FROM "records"
  LEFT JOIN "surplus_country"
    ON "surplus_country"."day" = "records"."day"
    AND "surplus_country"."d_country" = "records"."d_country"
  GROUP BY
    1,
    2,
    3
)
SELECT
  "day",
  "d_country",
  CAST(COUNT("subject") AS BIGINT) AS "people",
  CAST(CASE
    WHEN MAX(CASE WHEN NOT "subject" IS NULL THEN "m_returns" END) > 0
    THEN (
      (
        (
          MAX(CASE WHEN NOT "subject" IS NULL THEN "m_returns" END) * 1000000
        ) + SUM("m_returns")
      ) - 1
    ) // SUM("m_returns")
    ELSE 0
  END AS BIGINT) AS "largest_returns",
  CAST(CASE
    WHEN MAX(CASE WHEN NOT "subject" IS NULL THEN "a_amount" END) > 0
    THEN (
      (
        (
          MAX(CASE WHEN NOT "subject" IS NULL THEN "a_amount" END) * 1000000
        ) + SUM("a_amount")
      ) - 1
    ) // SUM("a_amount")
    ELSE 0
  END AS BIGINT) AS "largest_amount",
  CAST(SUM("m_returns") AS BIGINT) AS "m_returns",
  CAST((
    SUM("m_amount") - (
      (
        (
          SUM("m_amount") % 1000000000
        ) + 1000000000
      ) % 1000000000
    )
  ) // 1000000000 AS BIGINT) AS "m_amount_hi",
  CAST((
    (
      SUM("m_amount") % 1000000000
    ) + 1000000000
  ) % 1000000000 AS BIGINT) AS "m_amount_lo",
  CAST(MIN("m_least") AS BIGINT) AS "m_least",
  CAST(MAX("m_most_unpaid") AS BIGINT) AS "m_most_unpaid"
FROM "grouped"
GROUP BY
  "day",
  "d_country"
-- (1, 2, 3, False, 2)
