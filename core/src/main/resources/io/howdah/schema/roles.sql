-- Gives a role of the database what it needs: 'app' calls all functions and reads and writes rows, 'monitor' sees the
-- registry and the statistics. Remembered, so that a migration gives the same on what is new. The owner makes the call.
CREATE OR REPLACE FUNCTION ${schema}.role_grant(role_name text, kind text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF (kind IN ('app', 'monitor')) IS NOT TRUE THEN
    RAISE EXCEPTION 'kind: app or monitor expected, got %', coalesce(kind, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA ${schema} TO %I', role_name);
  EXECUTE format('GRANT SELECT ON ${schema}.schema_version, ${schema}.namespace, ${schema}.namespace_size, ${schema}.sweep_bound, ${schema}.wipe_marker, ${schema}.session_settings TO %I', role_name);
  IF kind = 'app' THEN
    EXECUTE format(
      'GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.namespace, ${schema}.namespace_guard, ${schema}.kv_ephemeral, '
      '${schema}.kv_durable, ${schema}.kv_document TO %I', role_name);
    EXECUTE format(
      'GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.sweep_hand, ${schema}.sweep_range, ${schema}.sweep_size, ${schema}.kv_mark TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.rate_limit, ${schema}.lock TO %I', role_name);
    EXECUTE format('GRANT USAGE ON SEQUENCE ${schema}.lock_token TO %I', role_name);
    EXECUTE format(
      'GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.session_settings, ${schema}.session_durable, ${schema}.session_ephemeral, '
      '${schema}.session_event, ${schema}.token TO %I', role_name);
    EXECUTE format('GRANT SELECT ON ${schema}.session TO %I', role_name);
    EXECUTE format(
      'GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.cache, ${schema}.cache_entry, ${schema}.cache_eviction, ${schema}.cache_load, '
      '${schema}.cache_upkeep, ${schema}.cache_notification, ${schema}.cache_evicted TO %I', role_name);
    EXECUTE format('GRANT USAGE ON SEQUENCE ${schema}.cache_number TO %I', role_name);
    -- What was changed, and by whom, can be added to only.
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.flag TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT ON ${schema}.flag_change TO %I', role_name);
    EXECUTE format('GRANT SELECT, UPDATE ON ${schema}.flag_revision TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.channel, ${schema}.channel_message, ${schema}.channel_large TO %I', role_name);
    EXECUTE format('GRANT USAGE ON SEQUENCE ${schema}.channel_number TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.preference, ${schema}.preference_layer, ${schema}.preference_notification TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT ON ${schema}.config_change TO %I', role_name);
    EXECUTE format('GRANT USAGE ON SEQUENCE ${schema}.config_revision TO %I', role_name);
    IF to_regclass('${schema}.preference_hstore') IS NOT NULL THEN
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.preference_hstore TO %I', role_name);
    END IF;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.job, ${schema}.job_ended, ${schema}.job_queue TO %I', role_name);
    EXECUTE format('GRANT USAGE ON SEQUENCE ${schema}.job_id TO %I', role_name);
    EXECUTE format('GRANT SELECT ON ${schema}.kv_ephemeral_live, ${schema}.kv_durable_live, ${schema}.kv TO %I', role_name);
    EXECUTE format('GRANT SELECT ON ${schema}.wipe_witness TO %I', role_name);
    EXECUTE format('GRANT EXECUTE ON ALL ROUTINES IN SCHEMA ${schema} TO %I', role_name);
  ELSE
    EXECUTE format('GRANT EXECUTE ON FUNCTION ${schema}.stats(), ${schema}._stats_snapshots() TO %I', role_name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION ${schema}.namespace_list() TO %I', role_name);
    -- namespace_list looks for the names that nobody has registered; keys and values are none of a monitor's business.
    EXECUTE format('GRANT SELECT (namespace) ON ${schema}.kv_ephemeral TO %I', role_name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION ${schema}.cache_list(), ${schema}.channel_list() TO %I', role_name);
    EXECUTE format('GRANT SELECT ON ${schema}.sweep_hand, ${schema}.sweep_range, ${schema}.sweep_size, ${schema}.cache, ${schema}.cache_upkeep, ${schema}.cache_notification, ${schema}.cache_evicted, ${schema}.channel TO %I', role_name);
  END IF;
  INSERT INTO ${schema}.granted_role (role_name, kind) VALUES (role_grant.role_name, role_grant.kind)
  ON CONFLICT ON CONSTRAINT granted_role_pkey DO NOTHING;
END
$$;
