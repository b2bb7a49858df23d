-- Feature flags. flag_set checks a definition in full and stores it in one form; evaluation trusts what is stored. The Java library
-- evaluates by the same rules on a snapshot of its own: docs/flags.md has them in their order, docs/flag-vectors.json answers that
-- both must give.
--
-- Locks: a change takes the row of flag_revision first and holds it to the end of the transaction, then one row of flag. So of all
-- transactions that change flags one is at it at a time, and none waits for another while that one waits for it. Evaluation takes
-- no lock.
--
-- Errors: 22023 bad argument.

-- A list of texts: at most so many, each of 1 to so many bytes. Whole numbers are taken as texts where numbers may be ids.
CREATE OR REPLACE FUNCTION ${schema}._flag_texts(argument text, list jsonb, most int, longest int, numbers boolean) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  e record;
BEGIN
  IF list IS NULL OR list = 'null' THEN
    RETURN '[]';
  END IF;
  IF jsonb_typeof(list) <> 'array' THEN
    RAISE EXCEPTION '%: an array expected, got %', argument, jsonb_typeof(list) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF jsonb_array_length(list) > most THEN
    RAISE EXCEPTION '%: at most % entries expected, got %', argument, most, jsonb_array_length(list) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOR e IN
    SELECT a.number - 1 AS index, jsonb_typeof(a.element) AS kind, a.element #>> '{}' AS text
    FROM jsonb_array_elements(list) WITH ORDINALITY AS a (element, number)
  LOOP
    IF e.kind <> 'string' AND NOT (numbers AND e.kind = 'number' AND e.text ~ '^-?[0-9]+$') THEN
      RAISE EXCEPTION '%[%]: a text% expected, got %', argument, e.index, CASE WHEN numbers THEN ' or a whole number' ELSE '' END, left(coalesce(e.text, 'null'), 100)
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF octet_length(e.text) NOT BETWEEN 1 AND longest THEN
      RAISE EXCEPTION '%[%]: 1 to % bytes expected, got %', argument, e.index, longest, octet_length(e.text) USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END LOOP;
  RETURN (SELECT coalesce(jsonb_agg(to_jsonb(a.text) ORDER BY a.number), '[]') FROM jsonb_array_elements_text(list) WITH ORDINALITY AS a (text, number));
END
$$;

-- A member that is true or false; false when left out.
CREATE OR REPLACE FUNCTION ${schema}._flag_boolean(argument text, member jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF jsonb_typeof(member) NOT IN ('boolean', 'null') THEN
    RAISE EXCEPTION '%: true or false expected, got %', argument, left(member::text, 100) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN coalesce(nullif(member, 'null'), 'false');
END
$$;

-- A name in a definition: 1 to 128 bytes.
CREATE OR REPLACE FUNCTION ${schema}._flag_label(argument text, member jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (jsonb_typeof(member) = 'string') IS NOT TRUE THEN
    RAISE EXCEPTION '%: a text expected, got %', argument, coalesce(jsonb_typeof(member), 'nothing') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(member #>> '{}') NOT BETWEEN 1 AND 128 THEN
    RAISE EXCEPTION '%: 1 to 128 bytes expected, got %', argument, octet_length(member #>> '{}') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN member;
END
$$;

-- An instant as ISO 8601 with an offset, in microseconds at most; as UTC. What Postgres reads beside that ('tomorrow', a local
-- time) would mean something else in each session.
CREATE OR REPLACE FUNCTION ${schema}._flag_instant(argument text, member jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  text constant text := member #>> '{}';
  instant timestamp;
BEGIN
  IF member IS NULL OR member = 'null' THEN
    RETURN NULL;
  END IF;
  IF jsonb_typeof(member) = 'string' AND text ~ '^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-5]):[0-5][0-9])$' THEN
    BEGIN
      instant := text::timestamptz AT TIME ZONE 'UTC';
    EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
      instant := NULL;
    END;
  END IF;
  IF (instant >= '1000-01-01' AND instant < '3000-01-01') IS NOT TRUE THEN
    RAISE EXCEPTION '%: an instant like 2026-03-01T09:00:00Z expected, got %', argument, left(member::text, 100) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN to_jsonb(to_char(instant, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
END
$$;

-- Refuses members that nobody reads: a misspelt one would be without effect.
CREATE OR REPLACE FUNCTION ${schema}._flag_members(argument text, value jsonb, VARIADIC known text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  unknown text;
BEGIN
  IF (jsonb_typeof(value) = 'object') IS NOT TRUE THEN
    RAISE EXCEPTION '%: a JSON object expected, got %', argument, coalesce(jsonb_typeof(value), 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT min(k COLLATE "C") INTO unknown FROM jsonb_object_keys(value) AS k WHERE k <> ALL (known);
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION '%: only % expected, got %', argument, array_to_string(known, ', '), left(unknown, 100) USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._flag_condition(argument text, condition jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  operator text;
  value jsonb;
  e record;
BEGIN
  PERFORM ${schema}._flag_members(argument, condition, 'attribute', 'operator', 'value', 'not');
  operator := condition ->> 'operator';
  value := condition -> 'value';
  IF (operator IN ('equals', 'in', 'starts_with', 'less_than', 'at_most', 'greater_than', 'at_least')) IS NOT TRUE THEN
    RAISE EXCEPTION '%.operator: equals, in, starts_with, less_than, at_most, greater_than or at_least expected, got %', argument, left(coalesce(operator, 'nothing'), 100)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  CASE
    WHEN operator = 'in' THEN
      IF (jsonb_typeof(value) = 'array') IS NOT TRUE THEN
        RAISE EXCEPTION '%.value: an array expected, got %', argument, coalesce(jsonb_typeof(value), 'nothing') USING ERRCODE = 'invalid_parameter_value';
      END IF;
      IF jsonb_array_length(value) NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION '%.value: 1 to 1000 entries expected, got %', argument, jsonb_array_length(value) USING ERRCODE = 'invalid_parameter_value';
      END IF;
    WHEN operator = 'starts_with' THEN
      IF (jsonb_typeof(value) = 'string') IS NOT TRUE THEN
        RAISE EXCEPTION '%.value: a text expected, got %', argument, coalesce(jsonb_typeof(value), 'nothing') USING ERRCODE = 'invalid_parameter_value';
      END IF;
    WHEN operator <> 'equals' THEN
      IF (jsonb_typeof(value) = 'number') IS NOT TRUE THEN
        RAISE EXCEPTION '%.value: a number expected, got %', argument, coalesce(jsonb_typeof(value), 'nothing') USING ERRCODE = 'invalid_parameter_value';
      END IF;
    ELSE
      NULL;
  END CASE;
  FOR e IN
    SELECT jsonb_typeof(a.element) AS kind, octet_length(a.element #>> '{}') AS length
    FROM jsonb_array_elements(CASE WHEN operator = 'in' THEN value ELSE jsonb_build_array(value) END) AS a (element)
  LOOP
    IF e.kind NOT IN ('string', 'number', 'boolean') THEN
      RAISE EXCEPTION '%.value: texts, numbers, true or false expected, got %', argument, e.kind USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF e.kind = 'string' AND e.length > 4096 THEN
      RAISE EXCEPTION '%.value: at most 4096 bytes expected, got %', argument, e.length USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END LOOP;
  RETURN jsonb_build_object(
    'attribute', ${schema}._flag_label(argument || '.attribute', condition -> 'attribute'),
    'operator', operator,
    'value', value,
    'not', ${schema}._flag_boolean(argument || '.not', condition -> 'not'));
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._flag_variant(argument text, variant jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  weight jsonb;
BEGIN
  PERFORM ${schema}._flag_members(argument, variant, 'name', 'value', 'weight');
  weight := coalesce(nullif(variant -> 'weight', 'null'), '1');
  IF jsonb_typeof(weight) <> 'number' OR weight < '0' OR weight > '10000' OR weight #>> '{}' !~ '^[0-9]+(\.0*)?$' THEN
    RAISE EXCEPTION '%.weight: a whole number of 0 to 10000 expected, got %', argument, left(weight::text, 100) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF coalesce(variant -> 'value', 'null') = 'null' THEN
    RAISE EXCEPTION '%.value: a JSON value other than null expected', argument USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN jsonb_build_object(
    'name', ${schema}._flag_label(argument || '.name', variant -> 'name'),
    'value', variant -> 'value',
    'weight', (weight #>> '{}')::numeric::int);
END
$$;

-- The variants, of one kind of value and with different names.
CREATE OR REPLACE FUNCTION ${schema}._flag_variants(list jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  variants jsonb;
  kinds text;
BEGIN
  IF list IS NULL OR list = 'null' THEN
    RETURN '[]';
  END IF;
  IF jsonb_typeof(list) <> 'array' THEN
    RAISE EXCEPTION 'definition.variants: an array expected, got %', jsonb_typeof(list) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF jsonb_array_length(list) > 50 THEN
    RAISE EXCEPTION 'definition.variants: at most 50 entries expected, got %', jsonb_array_length(list) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT coalesce(jsonb_agg(${schema}._flag_variant('definition.variants[' || (a.number - 1) || ']', a.element) ORDER BY a.number), '[]') INTO variants
  FROM jsonb_array_elements(list) WITH ORDINALITY AS a (element, number);
  IF jsonb_array_length(variants) > 0 AND NOT EXISTS (SELECT FROM jsonb_array_elements(variants) AS v WHERE v -> 'weight' > '0') THEN
    RAISE EXCEPTION 'definition.variants: a weight above 0 expected, got none' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (SELECT count(DISTINCT v -> 'name') FROM jsonb_array_elements(variants) AS v) < jsonb_array_length(variants) THEN
    RAISE EXCEPTION 'definition.variants: a name for each expected, got one twice' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT string_agg(DISTINCT CASE WHEN jsonb_typeof(v -> 'value') IN ('array', 'object') THEN 'json' ELSE jsonb_typeof(v -> 'value') END, ', ') INTO kinds
  FROM jsonb_array_elements(variants) AS v;
  IF kinds LIKE '%,%' THEN
    RAISE EXCEPTION 'definition.variants: values of one kind expected, got %', kinds USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN variants;
END
$$;

-- A definition as it is stored: checked, with what was left out, and written one way.
CREATE OR REPLACE FUNCTION ${schema}._flag_definition(definition jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  rollout jsonb;
  conditions jsonb;
  variants jsonb;
  metadata jsonb;
  off_variant jsonb;
  starts_at jsonb;
  ends_at jsonb;
BEGIN
  PERFORM ${schema}._flag_members(
    'definition', definition, 'enabled', 'archived', 'rollout_percentage', 'allowed_user_ids', 'allowed_groups', 'conditions',
    'variants', 'off_variant', 'starts_at', 'ends_at', 'metadata');
  IF octet_length(definition::text) > 262144 THEN
    RAISE EXCEPTION 'definition: at most 262144 bytes expected, got %', octet_length(definition::text) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- What the JSON libraries of the readers can take.
  IF jsonb_path_exists(definition, 'strict $.**{33}') THEN
    RAISE EXCEPTION 'definition: at most 32 levels of arrays and objects expected, got more' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (
    SELECT FROM jsonb_path_query(definition, 'strict $.** ? (@.type() == "number")') AS n
    WHERE abs((n #>> '{}')::numeric) >= 1e100 OR scale((n #>> '{}')::numeric) > 100
  ) THEN
    RAISE EXCEPTION 'definition: numbers below 1e100 with at most 100 decimals expected, got others' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  rollout := nullif(definition -> 'rollout_percentage', 'null');
  IF rollout IS NOT NULL THEN
    IF jsonb_typeof(rollout) <> 'number' OR rollout < '0' OR rollout > '100' OR scale(trim_scale((rollout #>> '{}')::numeric)) > 2 THEN
      RAISE EXCEPTION 'definition.rollout_percentage: 0 to 100 with at most two decimals expected, got %', left(rollout::text, 100) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    rollout := to_jsonb(trim_scale((rollout #>> '{}')::numeric));
  END IF;

  conditions := coalesce(nullif(definition -> 'conditions', 'null'), '[]');
  IF jsonb_typeof(conditions) <> 'array' THEN
    RAISE EXCEPTION 'definition.conditions: an array expected, got %', jsonb_typeof(conditions) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF jsonb_array_length(conditions) > 50 THEN
    RAISE EXCEPTION 'definition.conditions: at most 50 entries expected, got %', jsonb_array_length(conditions) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT coalesce(jsonb_agg(${schema}._flag_condition('definition.conditions[' || (a.number - 1) || ']', a.element) ORDER BY a.number), '[]') INTO conditions
  FROM jsonb_array_elements(conditions) WITH ORDINALITY AS a (element, number);

  variants := ${schema}._flag_variants(definition -> 'variants');
  off_variant := nullif(definition -> 'off_variant', 'null');
  IF off_variant IS NOT NULL AND NOT EXISTS (SELECT FROM jsonb_array_elements(variants) AS v WHERE v -> 'name' = off_variant) THEN
    RAISE EXCEPTION 'definition.off_variant: the name of a variant expected, got %', left(off_variant::text, 150) USING ERRCODE = 'invalid_parameter_value';
  END IF;

  starts_at := ${schema}._flag_instant('definition.starts_at', definition -> 'starts_at');
  ends_at := ${schema}._flag_instant('definition.ends_at', definition -> 'ends_at');
  IF (ends_at #>> '{}') COLLATE "C" <= starts_at #>> '{}' THEN
    RAISE EXCEPTION 'definition.ends_at: an instant after starts_at expected, got %', ends_at #>> '{}' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  metadata := coalesce(nullif(definition -> 'metadata', 'null'), '{}');
  IF jsonb_typeof(metadata) <> 'object' THEN
    RAISE EXCEPTION 'definition.metadata: a JSON object expected, got %', jsonb_typeof(metadata) USING ERRCODE = 'invalid_parameter_value';
  END IF;

  RETURN jsonb_build_object(
    'enabled', ${schema}._flag_boolean('definition.enabled', definition -> 'enabled'),
    'archived', ${schema}._flag_boolean('definition.archived', definition -> 'archived'),
    'rollout_percentage', rollout,
    'allowed_user_ids', ${schema}._flag_texts('definition.allowed_user_ids', definition -> 'allowed_user_ids', 10000, 1024, true),
    'allowed_groups', ${schema}._flag_texts('definition.allowed_groups', definition -> 'allowed_groups', 1000, 256, false),
    'conditions', conditions,
    'variants', variants,
    'off_variant', off_variant,
    'starts_at', starts_at,
    'ends_at', ends_at,
    'metadata', metadata);
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._flag_check(name text, changed_by text, reason text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  -- It stands in what is hashed, between colons, and in URLs.
  IF (name ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$') IS NOT TRUE THEN
    RAISE EXCEPTION 'name: 1 to 128 of A-Z, a-z, 0-9, _, . and -, not beginning with . or -, expected, got %', left(coalesce(name, 'NULL'), 150)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (octet_length(changed_by) BETWEEN 1 AND 256) IS NOT TRUE THEN
    RAISE EXCEPTION 'changed_by: 1 to 256 bytes expected, got %', coalesce(octet_length(changed_by)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(reason) > 4096 THEN
    RAISE EXCEPTION 'reason: at most 4096 bytes expected, got %', octet_length(reason) USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Makes a flag what the definition says, whatever it was before; the revision of this change. reason may be NULL.
CREATE OR REPLACE FUNCTION ${schema}.flag_set(name text, definition jsonb, changed_by text, reason text) RETURNS bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  old_definition jsonb;
  new_definition jsonb;
  new_revision bigint;
  new_time timestamptz;
BEGIN
  PERFORM ${schema}._flag_check(flag_set.name, flag_set.changed_by, flag_set.reason);
  new_definition := ${schema}._flag_definition(flag_set.definition);
  UPDATE ${schema}.flag_revision AS r
  SET revision = r.revision + 1, stamp = gen_random_uuid(), changed_at = greatest(r.changed_at, clock_timestamp())
  RETURNING r.revision, r.changed_at INTO STRICT new_revision, new_time;
  SELECT f.definition INTO old_definition FROM ${schema}.flag AS f WHERE f.name = flag_set.name;
  INSERT INTO ${schema}.flag AS f (name, definition, revision, created_at, updated_at, updated_by)
  VALUES (flag_set.name, new_definition, new_revision, new_time, new_time, flag_set.changed_by)
  ON CONFLICT (name) DO UPDATE
  SET definition = excluded.definition, revision = excluded.revision, updated_at = excluded.updated_at, updated_by = excluded.updated_by;
  INSERT INTO ${schema}.flag_change (revision, name, changed_at, changed_by, reason, before, after)
  VALUES (new_revision, flag_set.name, new_time, flag_set.changed_by, flag_set.reason, old_definition, new_definition);
  PERFORM pg_notify('${schema}.flag', flag_set.name);
  RETURN new_revision;
END
$$;

-- Deletes a flag; false when there was none. Its history stays.
CREATE OR REPLACE FUNCTION ${schema}.flag_delete(name text, changed_by text, reason text) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  old_definition jsonb;
  new_revision bigint;
  new_time timestamptz;
BEGIN
  PERFORM ${schema}._flag_check(flag_delete.name, flag_delete.changed_by, flag_delete.reason);
  -- Held before it is known whether there is anything to do: the order of the locks must be the same everywhere.
  PERFORM FROM ${schema}.flag_revision AS r FOR UPDATE;
  DELETE FROM ${schema}.flag AS f WHERE f.name = flag_delete.name RETURNING f.definition INTO old_definition;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE ${schema}.flag_revision AS r
  SET revision = r.revision + 1, stamp = gen_random_uuid(), changed_at = greatest(r.changed_at, clock_timestamp())
  RETURNING r.revision, r.changed_at INTO STRICT new_revision, new_time;
  INSERT INTO ${schema}.flag_change (revision, name, changed_at, changed_by, reason, before)
  VALUES (new_revision, flag_delete.name, new_time, flag_delete.changed_by, flag_delete.reason, old_definition);
  PERFORM pg_notify('${schema}.flag', flag_delete.name);
  RETURN true;
END
$$;

-- All flags, archived ones as well, in the order of their names.
CREATE OR REPLACE FUNCTION ${schema}.flag_list()
RETURNS TABLE (name text, definition jsonb, revision bigint, created_at timestamptz, updated_at timestamptz, updated_by text)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT f.name, f.definition, f.revision, f.created_at, f.updated_at, f.updated_by FROM ${schema}.flag AS f ORDER BY f.name
$$;

-- One flag as flag_list has it; no row when there is none.
CREATE OR REPLACE FUNCTION ${schema}.flag_get(name text)
RETURNS TABLE (name text, definition jsonb, revision bigint, created_at timestamptz, updated_at timestamptz, updated_by text)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT f.name, f.definition, f.revision, f.created_at, f.updated_at, f.updated_by FROM ${schema}.flag AS f WHERE f.name = $1
$$;

-- All changes of a flag, the last one first, also after it was deleted.
CREATE OR REPLACE FUNCTION ${schema}.flag_history(name text)
RETURNS TABLE (revision bigint, changed_at timestamptz, changed_by text, reason text, before jsonb, after jsonb)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT c.revision, c.changed_at, c.changed_by, c.reason, c.before, c.after
  FROM ${schema}.flag_change AS c WHERE c.name = $1 ORDER BY c.revision DESC
$$;

-- For a process that keeps a snapshot: the state that the flags are in, and, unless that is the one it knows, all of them. Always
-- one row at least, with the time, on one snapshot of the database; where there is nothing new it reads one row.
CREATE OR REPLACE FUNCTION ${schema}._flag_snapshot(known uuid)
RETURNS TABLE (
  stamp uuid, last_revision bigint, read_at timestamptz,
  name text, definition jsonb, revision bigint, created_at timestamptz, updated_at timestamptz, updated_by text)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT r.stamp, r.revision, statement_timestamp(), f.name, f.definition, f.revision, f.created_at, f.updated_at, f.updated_by
  FROM ${schema}.flag_revision AS r
  LEFT JOIN ${schema}.flag AS f ON r.stamp IS DISTINCT FROM known
$$;

-- Where a subject stands among 10,000: the first 8 hex digits of the sha256, modulo 10,000. Not Postgres's own hash, which other
-- languages do not have, and which may change between versions.
CREATE OR REPLACE FUNCTION ${schema}._flag_bucket(name text, salt text, subject text) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
  SELECT (('x' || encode(substr(sha256(convert_to(name || ':' || salt || ':' || subject, 'UTF8')), 1, 4), 'hex'))::bit(32)::bigint % 10000)::int
$$;

-- Whether a condition holds. An attribute that is absent, or of a kind that cannot be compared, fulfils none, negated or not.
CREATE OR REPLACE FUNCTION ${schema}._flag_holds(condition jsonb, attributes jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  given constant jsonb := attributes -> (condition ->> 'attribute');
  value constant jsonb := condition -> 'value';
  operator constant text := condition ->> 'operator';
  holds boolean;
BEGIN
  IF coalesce(given, 'null') = 'null' THEN
    RETURN false;
  END IF;
  IF operator = 'equals' THEN
    holds := given = value;
  ELSIF operator = 'in' THEN
    holds := EXISTS (SELECT FROM jsonb_array_elements(value) AS e WHERE e = given);
  ELSIF operator = 'starts_with' THEN
    IF jsonb_typeof(given) <> 'string' THEN
      RETURN false;
    END IF;
    holds := starts_with(given #>> '{}', value #>> '{}');
  ELSE
    IF jsonb_typeof(given) <> 'number' THEN
      RETURN false;
    END IF;
    holds := CASE operator
      WHEN 'less_than' THEN given < value
      WHEN 'at_most' THEN given <= value
      WHEN 'greater_than' THEN given > value
      WHEN 'at_least' THEN given >= value
    END;
  END IF;
  RETURN holds <> (condition -> 'not' = 'true');
END
$$;

-- What a flag is for a subject at an instant, and by which rule. The definition is one that was stored, NULL where there is no
-- flag; the context one that _flag_context made. value and variant are NULL where the caller's own default counts.
CREATE OR REPLACE FUNCTION ${schema}._flag_evaluate(
  name text, definition jsonb, context jsonb, at timestamptz,
  OUT value jsonb, OUT variant text, OUT reason text, OUT rule text, OUT is_on boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  subject constant text := context ->> 'user_id';
  conditions constant jsonb := definition -> 'conditions';
  variants constant jsonb := definition -> 'variants';
  rollout numeric;
  is_alone boolean;
  weights bigint;
  place bigint;
  v record;
BEGIN
  IF definition IS NULL THEN
    rule := 'flag_not_found';
  ELSIF definition -> 'archived' = 'true' THEN
    rule := 'archived';
  ELSIF definition -> 'enabled' = 'false' THEN
    rule := 'not_enabled';
  ELSIF at < (definition ->> 'starts_at')::timestamptz THEN
    rule := 'not_started';
  ELSIF at >= (definition ->> 'ends_at')::timestamptz THEN
    rule := 'ended';
  ELSIF definition -> 'allowed_user_ids' ? subject THEN
    rule := 'allowed_user';
  ELSIF EXISTS (SELECT FROM jsonb_array_elements_text(context -> 'groups') AS g WHERE definition -> 'allowed_groups' ? g) THEN
    rule := 'allowed_group';
  ELSIF EXISTS (SELECT FROM jsonb_array_elements(conditions) AS c WHERE NOT ${schema}._flag_holds(c, context -> 'attributes')) THEN
    rule := 'condition_not_met';
  ELSE
    -- Lists alone are for those who are on them; conditions alone, or nothing, for everybody who came this far.
    rollout := coalesce(
      (definition ->> 'rollout_percentage')::numeric,
      CASE WHEN conditions = '[]' AND (definition -> 'allowed_user_ids' <> '[]' OR definition -> 'allowed_groups' <> '[]') THEN 0 ELSE 100 END);
    IF rollout = 0 THEN
      rule := 'no_rollout';
    ELSIF rollout = 100 THEN
      rule := CASE WHEN conditions = '[]' THEN 'everybody' ELSE 'conditions_met' END;
    ELSIF subject IS NULL THEN
      rule := 'no_user';
    ELSIF ${schema}._flag_bucket(name, 'rollout', subject) < rollout * 100 THEN
      rule := 'in_rollout';
    ELSE
      rule := 'not_in_rollout';
    END IF;
  END IF;

  is_on := rule IN ('allowed_user', 'allowed_group', 'everybody', 'conditions_met', 'in_rollout');
  reason := CASE
    WHEN rule = 'flag_not_found' THEN 'ERROR'
    WHEN rule IN ('archived', 'not_enabled', 'not_started', 'ended') THEN 'DISABLED'
    WHEN rule IN ('allowed_user', 'allowed_group', 'conditions_met') THEN 'TARGETING_MATCH'
    WHEN rule IN ('in_rollout', 'not_in_rollout') THEN 'SPLIT'
    WHEN rule = 'everybody' THEN 'STATIC'
    ELSE 'DEFAULT'
  END;

  IF definition IS NULL THEN
    RETURN;
  ELSIF variants = '[]' THEN
    value := to_jsonb(is_on);
    variant := CASE WHEN is_on THEN 'on' ELSE 'off' END;
  ELSIF is_on THEN
    SELECT sum((e ->> 'weight')::bigint), max((e ->> 'weight')::bigint) = sum((e ->> 'weight')::bigint) INTO weights, is_alone
    FROM jsonb_array_elements(variants) AS e;
    -- Who is not known gets the first one that anybody gets.
    place := 0;
    IF subject IS NOT NULL AND NOT is_alone THEN
      place := ${schema}._flag_bucket(name, 'variant', subject) * weights;
      IF reason = 'STATIC' THEN
        reason := 'SPLIT';
      END IF;
    END IF;
    FOR v IN SELECT e ->> 'name' AS name, e -> 'value' AS value, (e ->> 'weight')::bigint AS weight FROM jsonb_array_elements(variants) AS e LOOP
      place := place - v.weight * 10000;
      IF place < 0 THEN
        value := v.value;
        variant := v.name;
        EXIT;
      END IF;
    END LOOP;
    -- A variant whose value is false is off.
    is_on := value <> 'false';
  ELSE
    variant := definition ->> 'off_variant';
    SELECT e -> 'value' INTO value FROM jsonb_array_elements(variants) AS e WHERE e ->> 'name' = definition ->> 'off_variant';
    is_on := coalesce(value = 'true', false);
  END IF;
END
$$;

-- What is known about a subject, checked: {"user_id": "42", "groups": ["beta"], "attributes": {"country": "DE"}}.
CREATE OR REPLACE FUNCTION ${schema}._flag_context(context jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  user_id jsonb;
  attributes jsonb;
  a record;
BEGIN
  PERFORM ${schema}._flag_members('context', context, 'user_id', 'groups', 'attributes');
  IF octet_length(context::text) > 1048576 THEN
    RAISE EXCEPTION 'context: at most 1048576 bytes expected, got %', octet_length(context::text) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF coalesce(context -> 'user_id', 'null') <> 'null' THEN
    user_id := to_jsonb(context ->> 'user_id');
    IF NOT (jsonb_typeof(context -> 'user_id') = 'string' OR jsonb_typeof(context -> 'user_id') = 'number' AND user_id #>> '{}' ~ '^-?[0-9]+$') THEN
      RAISE EXCEPTION 'context.user_id: a text or a whole number expected, got %', left(user_id #>> '{}', 100) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF octet_length(user_id #>> '{}') NOT BETWEEN 1 AND 1024 THEN
      RAISE EXCEPTION 'context.user_id: 1 to 1024 bytes expected, got %', octet_length(user_id #>> '{}') USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END IF;
  attributes := coalesce(nullif(context -> 'attributes', 'null'), '{}');
  IF jsonb_typeof(attributes) <> 'object' THEN
    RAISE EXCEPTION 'context.attributes: a JSON object expected, got %', jsonb_typeof(attributes) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (SELECT count(*) FROM jsonb_object_keys(attributes)) > 200 THEN
    RAISE EXCEPTION 'context.attributes: at most 200 expected, got %', (SELECT count(*) FROM jsonb_object_keys(attributes)) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOR a IN SELECT e.key, octet_length(e.key) AS key_length, jsonb_typeof(e.value) AS kind, octet_length(e.value #>> '{}') AS length FROM jsonb_each(attributes) AS e LOOP
    IF a.key_length NOT BETWEEN 1 AND 128 THEN
      RAISE EXCEPTION 'context.attributes: names of 1 to 128 bytes expected, got one of %', a.key_length USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF a.kind IN ('array', 'object') THEN
      RAISE EXCEPTION 'context.attributes: texts, numbers, true or false expected, got % in %', a.kind, a.key USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF a.length > 4096 THEN
      RAISE EXCEPTION 'context.attributes: values of at most 4096 bytes expected, got % in %', a.length, a.key USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END LOOP;
  RETURN jsonb_build_object(
    'user_id', user_id,
    'groups', ${schema}._flag_texts('context.groups', context -> 'groups', 1000, 256, false),
    'attributes', attributes);
END
$$;

-- What a flag is for a subject now: its value, the name of the variant, and the reason by OpenFeature's names. One row always;
-- without value and variant where the caller's own default counts: there is no such flag, or it is off and says no value for that.
CREATE OR REPLACE FUNCTION ${schema}.flag_evaluate(name text, context jsonb) RETURNS TABLE (value jsonb, variant text, reason text)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e.value, e.variant, e.reason
  FROM (SELECT) AS always
  LEFT JOIN ${schema}.flag AS f ON f.name = $1
  CROSS JOIN LATERAL ${schema}._flag_evaluate($1, f.definition, ${schema}._flag_context($2), statement_timestamp()) AS e
$$;

-- Why it is so: the rule that decided, where the user stands among 10,000 for the rollout and for the variants, and who has made
-- the flag what it is.
CREATE OR REPLACE FUNCTION ${schema}.flag_explain(name text, context jsonb)
RETURNS TABLE (
  value jsonb, variant text, reason text, rule text, rollout_bucket int, variant_bucket int,
  revision bigint, changed_at timestamptz, changed_by text, change_reason text)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e.value, e.variant, e.reason, e.rule,
         ${schema}._flag_bucket($1, 'rollout', c.context ->> 'user_id'), ${schema}._flag_bucket($1, 'variant', c.context ->> 'user_id'),
         h.revision, h.changed_at, h.changed_by, h.reason
  FROM (SELECT ${schema}._flag_context($2) AS context) AS c
  LEFT JOIN ${schema}.flag AS f ON f.name = $1
  LEFT JOIN LATERAL (
    SELECT l.* FROM ${schema}.flag_change AS l WHERE l.name = $1 ORDER BY l.revision DESC LIMIT 1
  ) AS h ON true
  CROSS JOIN LATERAL ${schema}._flag_evaluate($1, f.definition, c.context, statement_timestamp()) AS e
$$;

-- Whether a flag is on for a user: true or false, whatever there is. Without a user_id, one that nobody knows.
CREATE OR REPLACE FUNCTION ${schema}.flag_enabled(name text, user_id text, groups text[] DEFAULT '{}') RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  definition jsonb;
BEGIN
  SELECT f.definition INTO definition FROM ${schema}.flag AS f WHERE f.name = flag_enabled.name;
  RETURN (
    ${schema}._flag_evaluate(
      flag_enabled.name,
      definition,
      ${schema}._flag_context(jsonb_build_object(
        'user_id', nullif(flag_enabled.user_id, ''),
        'groups', coalesce(to_jsonb(array_remove(array_remove(flag_enabled.groups, NULL), '')), '[]'))),
      statement_timestamp())).is_on;
END
$$;
