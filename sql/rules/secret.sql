-- Secrets are made here and not by the workers: whoever can run SQL as a worker cannot plant one that he knows. The workers
-- are told the secret of a session or a token once, and never a mailed code or the code of a letter.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- p_length characters of p_alphabet (2 to 256 of them), all equally likely: bytes beyond the last whole multiple are left out.
CREATE OR REPLACE FUNCTION connex.random_text(p_alphabet text, p_length integer) RETURNS text
  LANGUAGE plpgsql VOLATILE SET search_path = connex, pg_temp AS $$
DECLARE
  size CONSTANT integer := length(p_alphabet);
  made text := '';
  byte integer;
BEGIN
  WHILE length(made) < p_length LOOP
    byte := get_byte(gen_random_bytes(1), 0);
    IF byte < 256 - 256 % size THEN
      made := made || substr(p_alphabet, byte % size + 1, 1);
    END IF;
  END LOOP;
  RETURN made;
END
$$;

-- Typed from paper (LSO-04): without the look-alikes 0 O 1 I L. Twelve of them hold 59 bits.
CREATE OR REPLACE FUNCTION connex.random_letters(p_length integer) RETURNS text LANGUAGE sql VOLATILE
  RETURN connex.random_text('23456789ABCDEFGHJKMNPQRSTUVWXYZ', p_length);

-- A session's secret: 32 random bytes as base64url, 43 characters (ASVS 7.2.3; token_secret_is_well_formed in
-- lib/secret/token.c).
CREATE OR REPLACE FUNCTION connex.secret_new() RETURNS text LANGUAGE sql VOLATILE
  RETURN translate(rtrim(encode(connex.gen_random_bytes(32), 'base64'), '='), '+/', '-_');

-- What the tables keep of it. 256 random bits cannot be guessed, so it needs no salt.
CREATE OR REPLACE FUNCTION connex.secret_hash(p_secret text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN sha256(convert_to(p_secret, 'UTF8'));

-- CRC-32 of IEEE 802.3 in six characters of base 62, so that scanners of source code know a token, and the gate refuses a
-- mistyped one without asking the database (token_api_is_well_formed in lib/secret/token.c).
CREATE OR REPLACE FUNCTION connex.token_checksum(p_text text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = connex, pg_temp AS $$
DECLARE
  alphabet CONSTANT text := '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  bytes CONSTANT bytea := convert_to(p_text, 'UTF8');
  crc bigint := x'FFFFFFFF'::bigint;
  made text := '';
BEGIN
  FOR i IN 0 .. length(bytes) - 1 LOOP
    crc := crc # get_byte(bytes, i);
    FOR bit IN 1 .. 8 LOOP
      crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # x'EDB88320'::bigint ELSE crc >> 1 END;
    END LOOP;
  END LOOP;
  crc := crc # x'FFFFFFFF'::bigint;
  FOR place IN 1 .. 6 LOOP
    made := substr(alphabet, (crc % 62)::integer + 1, 1) || made;
    crc := crc / 62;
  END LOOP;
  RETURN made;
END
$$;

CREATE OR REPLACE FUNCTION connex.token_new() RETURNS text
  LANGUAGE plpgsql VOLATILE SET search_path = connex, pg_temp AS $$
DECLARE
  made CONSTANT text := 'cnx_' || secret_new();
BEGIN
  RETURN made || token_checksum(made);
END
$$;

-- What the tables keep of a short code, bound to what it is for and whose it is (MFA-06: another person's code fails).
-- p_pepper comes from the worker, made with the key that the database never sees (account_pepper in fcgi/account.h), so
-- that a stolen table does not give away codes of six digits.
CREATE OR REPLACE FUNCTION connex.code_hash(p_pepper bytea, p_purpose text, p_owner bigint, p_code text) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN connex.hmac(convert_to(concat_ws(' ', p_purpose, p_owner, p_code), 'UTF8'), p_pepper, 'sha256');
