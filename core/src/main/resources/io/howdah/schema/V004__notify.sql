-- Which namespaces tell of their changes (notify.sql).
ALTER TABLE ${schema}.namespace ADD COLUMN notifies boolean NOT NULL DEFAULT false;

-- Whether a write may go the quick way (kv_table.sql): ephemeral, and nothing to be asked or told. One column, so that
-- one more reason to go the whole way costs the others nothing.
ALTER TABLE ${schema}.namespace ADD COLUMN is_plain boolean NOT NULL GENERATED ALWAYS AS (
  NOT searchable AND durability = 'ephemeral' AND default_ttl IS NULL AND NOT is_full AND NOT notifies) STORED;
