-- Notifications of what has changed in namespaces that ask for it, on the one channel ${schema}.kv. Hints for near caches:
-- they come after the commit, not after a rollback, may be forged, and are lost to whoever was not listening. A payload is
--   k HASHES NAMESPACE   values were set, changed, deleted, or got another end: base64 of _kv_notify_hash of each key
--   n NAMESPACE          anything may have changed
--   s NAMESPACE          the same, and whether it notifies has
-- with at most 7,963 bytes; Postgres takes 7,999. What ends by itself, or is evicted, is not notified.
-- Locks: none until the commit, where Postgres takes one that all who notify in any database share, after all others: so it
-- takes part in no deadlock.

-- Known to whoever listens, in any language: the first 8 bytes of the sha256 of the namespace, a zero byte, and the key.
CREATE OR REPLACE FUNCTION ${schema}._kv_notify_hash(namespace text, key text) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
  SELECT substring(sha256(convert_to(namespace, 'UTF8') || '\x00'::bytea || convert_to(key, 'UTF8')) FOR 8)
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_notify(namespace text, keys text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(keys) > 740 THEN
    PERFORM pg_notify('${schema}.kv', 'n ' || namespace);
  ELSE
    PERFORM pg_notify('${schema}.kv', 'k ' || translate(encode(h.hashes, 'base64'), E'\n', '') || ' ' || namespace)
    FROM (SELECT string_agg(${schema}._kv_notify_hash(namespace, k), '') AS hashes FROM unnest(keys) AS k) AS h;
  END IF;
END
$$;

-- For a batch, whose keys may be of several namespaces: all that it names, also those that it will refuse. One
-- notification for each namespace.
CREATE OR REPLACE FUNCTION ${schema}._kv_batch_notify(namespaces text[], keys text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._kv_notify(n.name, ARRAY(SELECT keys[i] FROM generate_subscripts(keys, 1) AS i WHERE namespaces[i] = n.name))
  FROM ${schema}.namespace AS n
  WHERE n.notifies AND n.name = ANY (namespaces);
END
$$;

-- Has a namespace notify of every change, or not; whether that is new. An unregistered one is registered, as ephemeral.
-- Writers to it wait until this transaction ends, so that every change after it is notified.
-- Locks: the namespace, exclusively, as in namespace_move.
CREATE OR REPLACE FUNCTION ${schema}.namespace_notify(name text, enabled boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._namespace_check(namespace_notify.name, 'ephemeral', 'evict');
  IF enabled IS NULL THEN
    RAISE EXCEPTION 'enabled: true or false expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF coalesce((SELECT n.notifies FROM ${schema}.namespace AS n WHERE n.name = namespace_notify.name), false) = enabled THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._namespace_seize(namespace_notify.name);
  INSERT INTO ${schema}.namespace AS n (name, durability, searchable, on_full, created_at, notifies)
  VALUES (namespace_notify.name, 'ephemeral', false, 'evict', statement_timestamp(), enabled)
  ON CONFLICT ON CONSTRAINT namespace_pkey DO UPDATE SET notifies = excluded.notifies;
  PERFORM pg_notify('${schema}.kv', 's ' || namespace_notify.name);
  RETURN true;
END
$$;
