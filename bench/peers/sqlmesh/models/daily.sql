MODEL (
  name year.daily,
  kind INCREMENTAL_BY_TIME_RANGE (time_column day, batch_size 3650),
  start '2025-01-01',
  cron '@daily',
  grain (day, domain, type, provider, country)
);

SELECT ts::DATE AS day, domain, type, provider, country,
       count(*) AS events, sum(amount_cents) AS amount_cents,
       count(DISTINCT user_id) AS users, quantile_cont(duration_ms, 0.95) AS p95_ms
FROM main.events
WHERE ts >= @start_ds::DATE AND ts < @end_ds::DATE + INTERVAL 1 DAY
GROUP BY ts::DATE, domain, type, provider, country
