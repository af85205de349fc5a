-- Secrets that the database makes: their form, that all letters are equally likely, and that a worker can plant none.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SELECT plan(12);

SELECT matches(connex.secret_new(), '^[A-Za-z0-9_-]{43}$', 'a session''s secret is 32 bytes as base64url');
SELECT is((SELECT count(DISTINCT connex.secret_new())::int FROM generate_series(1, 500)), 500, 'no two are the same');
SELECT is((SELECT count(DISTINCT c)::int FROM regexp_split_to_table((SELECT string_agg(connex.secret_new(), '') FROM generate_series(1, 300)), '') c), 64, 'every letter of base64url comes');
SELECT is(connex.secret_hash('abc'), '\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'FIPS 180-2, B.1');

-- zlib's crc32 of the text before it, in base 62: as tests/unit/token_test.c has it
SELECT is(connex.token_checksum('cnx_' || repeat('A', 43)), '2SvgxT', 'a token''s checksum is the CRC-32 of IEEE 802.3');
SELECT matches(connex.token_new(), '^cnx_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$', 'a token has its prefix and its checksum');

-- 3,000 of each are expected, with a deviation of 52: ten of them are never reached.
SELECT is((SELECT count(*)::int FROM (SELECT c FROM regexp_split_to_table(connex.random_text('0123456789', 30000), '') c
                                       GROUP BY c HAVING count(*) BETWEEN 2480 AND 3520) likely), 10, 'MFA-07: each digit is equally likely');
SELECT is((SELECT count(*)::int FROM (SELECT c FROM regexp_split_to_table(connex.random_letters(31000), '') c
                                       GROUP BY c HAVING count(*) BETWEEN 680 AND 1320) likely), 31, 'LSO-04: so is each of 31 letters');
SELECT doesnt_match(connex.random_letters(2000), '[0O1IL]', 'LSO-04: no look-alikes');

SELECT isnt(connex.code_hash('k', 'login', 1, '123456'), connex.code_hash('k', 'login', 2, '123456'), 'MFA-06: a code is bound to its person');
SELECT isnt(connex.code_hash('k', 'login', 1, '123456'), connex.code_hash('k', 'password', 1, '123456'), 'and to its purpose');

-- The attack: a caller that has a session without its second factor, and SQL as the workers' role.
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p
  WHERE p.pronamespace = 'connex'::regnamespace AND has_function_privilege('connex_app', p.oid, 'EXECUTE')
    AND EXISTS (SELECT FROM unnest(p.proargnames[1:p.pronargs]) a WHERE a ~ 'secret_hash|code_hash|beginning|^p_csn$|new_secret')
    AND p.proname <> 'enter' $$, 'no function that a worker may call takes the secret, its hash, or a CSN to be kept');
SELECT * FROM finish();
ROLLBACK;
