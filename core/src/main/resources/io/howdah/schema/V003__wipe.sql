-- What tells whether the unlogged tables have been emptied since somebody looked: the marker is logged, its witness is
-- emptied with the others. Where they differ there was a wipe. One row each.
-- began_at is when the last wipe was found, wipes how many there were, gone names the tables that the last one emptied.
CREATE TABLE ${schema}.wipe_marker (
  epoch    uuid NOT NULL,
  began_at timestamptz NOT NULL,
  wipes    bigint NOT NULL,
  gone     text[] NOT NULL
);
CREATE UNLOGGED TABLE ${schema}.wipe_witness (
  epoch uuid NOT NULL
);
INSERT INTO ${schema}.wipe_marker (epoch, began_at, wipes, gone) VALUES (gen_random_uuid(), now(), 0, '{}');
INSERT INTO ${schema}.wipe_witness (epoch) SELECT m.epoch FROM ${schema}.wipe_marker AS m;
