-- The day's groups; a run of one day replaces that day.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='day') }}
SELECT ts::DATE AS day, domain, type, provider, country,
       count(*) AS events, sum(amount_cents) AS amount_cents,
       count(DISTINCT user_id) AS users, quantile_cont(duration_ms, 0.95) AS p95_ms
FROM {{ source('collected', 'events') }}
{% if is_incremental() %}
WHERE ts >= DATE '{{ var("day") }}' AND ts < DATE '{{ var("day") }}' + INTERVAL 1 DAY
{% endif %}
GROUP BY ALL
