-- One-time tokens: for a password reset, the proof of an address, an invitation. The public functions take the token; those with
-- a _ its hash, and the Java library calls those.
--
-- Locks: each statement takes one row, token_revoke those of one subject in the order of their hashes.
-- own says that the call is a transaction of the engine's own. Then issuing one does not wait for the flush: a crash takes those
-- of the last fraction of a second. Consuming and revoking always wait: a crash must not make a token valid again.
--
-- Errors: 22023 bad argument.

CREATE OR REPLACE FUNCTION ${schema}._token_check(purpose text, subject text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (octet_length(purpose) BETWEEN 1 AND 64) IS NOT TRUE THEN
    RAISE EXCEPTION 'purpose: 1 to 64 bytes expected, got %', coalesce(octet_length(purpose)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (octet_length(subject) BETWEEN 1 AND 1024) IS NOT TRUE THEN
    RAISE EXCEPTION 'subject: 1 to 1024 bytes expected, got %', coalesce(octet_length(subject)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- When the new token ends.
CREATE OR REPLACE FUNCTION ${schema}._token_issue(hash bytea, purpose text, subject text, ttl interval, payload jsonb, own boolean) RETURNS timestamptz
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._token_check(purpose, subject);
  IF (ttl > interval '0' AND ttl <= interval '36500 days') IS NOT TRUE THEN
    RAISE EXCEPTION 'ttl: more than 0 and at most 36500 days expected, got %', coalesce(ttl::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF payload IS NULL THEN
    RAISE EXCEPTION 'payload: a JSON value expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(payload::text) > 65536 THEN
    RAISE EXCEPTION 'payload: at most 65536 bytes expected, got %', octet_length(payload::text) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF own THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  INSERT INTO ${schema}.token (created_at, expires_at, token_hash, purpose, subject, payload)
  VALUES (statement_timestamp(), statement_timestamp() + ttl, hash, purpose, subject, payload);
  RETURN statement_timestamp() + ttl;
END
$$;

-- Makes a token for one purpose and one subject; the token, which nobody can ask for again.
CREATE OR REPLACE FUNCTION ${schema}.token_issue(purpose text, subject text, ttl interval, payload jsonb DEFAULT '{}') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  token constant text := ${schema}._secret_make();
BEGIN
  PERFORM ${schema}._token_issue(${schema}._secret_hash(token), purpose, subject, ttl, payload, false);
  RETURN token;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._token_peek(purpose text, hash bytea) RETURNS TABLE (subject text, payload jsonb)
LANGUAGE plpgsql STABLE ROWS 1 SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._token_check(purpose, '-');
  RETURN QUERY
    SELECT t.subject, t.payload FROM ${schema}.token AS t
    WHERE t.token_hash = hash AND t.purpose = _token_peek.purpose AND t.expires_at > statement_timestamp();
END
$$;

-- What a token is for, and leaves it as it is: to show a form that will consume it. No row when there is none.
CREATE OR REPLACE FUNCTION ${schema}.token_peek(purpose text, token text) RETURNS TABLE (subject text, payload jsonb)
LANGUAGE sql STABLE ROWS 1 AS $$ SELECT p.subject, p.payload FROM ${schema}._token_peek(purpose, ${schema}._secret_hash(token)) AS p $$;

CREATE OR REPLACE FUNCTION ${schema}._token_consume(purpose text, hash bytea) RETURNS TABLE (subject text, payload jsonb)
LANGUAGE plpgsql ROWS 1 SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._token_check(purpose, '-');
  RETURN QUERY
    DELETE FROM ${schema}.token AS t
    WHERE t.token_hash = hash AND t.purpose = _token_consume.purpose AND t.expires_at > statement_timestamp()
    RETURNING t.subject, t.payload;
END
$$;

-- Uses a token up; no row when there is none: of many callers one gets it. One that was made for another purpose stays.
CREATE OR REPLACE FUNCTION ${schema}.token_consume(purpose text, token text) RETURNS TABLE (subject text, payload jsonb)
LANGUAGE sql ROWS 1 AS $$ SELECT c.subject, c.payload FROM ${schema}._token_consume(purpose, ${schema}._secret_hash(token)) AS c $$;

-- Takes back the tokens of a subject that have not been used; how many there were.
CREATE OR REPLACE FUNCTION ${schema}.token_revoke(purpose text, subject text) RETURNS int
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  locked bytea[];
  revoked int;
BEGIN
  PERFORM ${schema}._token_check(purpose, subject);
  locked := ARRAY(
    SELECT t.token_hash FROM ${schema}.token AS t
    WHERE t.purpose = token_revoke.purpose AND t.subject = token_revoke.subject AND t.expires_at > statement_timestamp()
    ORDER BY t.token_hash
    FOR UPDATE);
  DELETE FROM ${schema}.token AS t WHERE t.token_hash = ANY (locked);
  GET DIAGNOSTICS revoked = ROW_COUNT;
  RETURN revoked;
END
$$;
