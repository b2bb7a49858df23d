CREATE SCHEMA ${howdah};
CREATE TABLE ${howdah}.schema_version (version integer, functions jsonb);
