-- The secrets by which sessions and one-time tokens are known: 256 random bits, handed out once, as 43 characters of base64url
-- (RFC 4648, section 5). What is stored is the sha256 of these characters. It needs no salt and no stretching: nobody goes
-- through 2^256 of them. No message shows a secret, since messages stand in logs.

-- A random uuid has 122 bits from the system's generator for keys. Three are more than 256, and sha256 makes exactly 256 of them.
CREATE OR REPLACE FUNCTION ${schema}._secret_make() RETURNS text
LANGUAGE sql VOLATILE AS $$
  SELECT rtrim(
    translate(
      encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64'),
      '+/', '-_'),
    '=')
$$;

-- What is stored of a secret. The last character has 4 bits, so there are 16 of them.
CREATE OR REPLACE FUNCTION ${schema}._secret_hash(token text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (token ~ '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$') IS NOT TRUE THEN
    RAISE EXCEPTION 'token: one of 43 characters of base64url expected, got %',
        CASE WHEN token IS NULL THEN 'NULL' WHEN length(token) = 43 THEN 'others' ELSE format('%s characters', length(token)) END
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN sha256(convert_to(token, 'UTF8'));
END
$$;
