-- Makes limits, locks and what the sweeper knows as old as if the time howdah.advance had passed: what is never part of a
-- transaction of the application's.

UPDATE ${schema}.lock SET acquired_at = acquired_at - age, expires_at = expires_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;

-- A window begins at a multiple of its period, by a clock that stays where it is; but for a key no time is before began. So began
-- becomes the next time that is as far into a window as the key is now, and what was counted moves as many windows back as have
-- begun on the way.
UPDATE ${schema}.rate_limit AS r
SET began = CASE WHEN r.algorithm = 'g' THEN r.began - w.step ELSE w.clock + (w.reached - w.clock % r.period + r.period) % r.period END,
    used = CASE WHEN r.algorithm = 'g' OR w.windows = 0 THEN r.used ELSE 0 END,
    used_before = CASE w.windows WHEN 0 THEN r.used_before WHEN 1 THEN r.used ELSE 0 END,
    expires_at = r.expires_at - w.step * interval '1 microsecond'
FROM (
  SELECT l.key, a.clock, a.step,
         (greatest(a.clock, l.began) + a.step) / l.period - l.began / l.period AS windows,
         (greatest(a.clock, l.began) + a.step) % l.period AS reached
  FROM ${schema}.rate_limit AS l
  CROSS JOIN (
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS clock,
           (extract(epoch FROM current_setting('howdah.advance')::interval) * 1000000)::bigint AS step
    OFFSET 0
  ) AS a
) AS w
WHERE w.key = r.key;

UPDATE ${schema}.kv_mark SET expires_at = expires_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.cache_upkeep SET turn_began_at = turn_began_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.sweep_hand
SET due_at = due_at - age, turn_began_at = turn_began_at - age, turn_ended_at = turn_ended_at - age, asked_since = asked_since - age,
    asked_at = asked_at - age, swept_at = swept_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.sweep_range SET looked_at = looked_at - age, passed_at = passed_at - age, due_at = due_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
