-- What somebody tries who runs SQL of his own as a role of ours: as the workers, the jobs daemon, and the loader. Each try is one
-- statement; it must be refused, or give nothing. tests/sql/seal.sql has the tries at the seal
-- itself, and that no role is a member of the owner's (SET ROLE of a superuser's session would be allowed here).
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = error;
SELECT * FROM no_plan();

INSERT INTO connex.user_account (user_id, first_name, last_name, job_role, email, email_verified_at)
VALUES ('ATCK001', 'Ann', 'Attacked', 'billing', 'atck001@attack.example', connex.now());
INSERT INTO connex.credential (user_account_id, password_hash) SELECT user_account_id, '$argon2id$v=19$m=64,t=1,p=1$c2FsdA$dGFn' FROM connex.user_account WHERE user_id = 'ATCK001';
INSERT INTO connex.session (secret_hash, user_account_id, ends_at) SELECT sha256('attacked'), user_account_id, connex.now() + interval '1 hour' FROM connex.user_account WHERE user_id = 'ATCK001';

CREATE TEMP TABLE try (role text, statement text);
-- What no role of ours may do.
INSERT INTO try SELECT role, statement FROM unnest('{connex_app,connex_jobs,connex_loader}'::text[]) role, (VALUES
  ('SELECT FROM connex.credential'), ('SELECT FROM connex.former_password'), ('SELECT FROM connex.session'), ('SELECT FROM connex.seal_key'),
  ('SELECT FROM connex.mailed_code'), ('SELECT FROM connex.access_code'), ('SELECT FROM connex.login_guard'), ('SELECT FROM connex.idempotency'),
  ('SELECT FROM audit.event'), ('DELETE FROM audit.event'), ('UPDATE audit.event SET action = ''x'''), ('TRUNCATE audit.event'), ('INSERT INTO audit.event (action) VALUES (''x'')'),
  ('INSERT INTO connex.session (secret_hash, user_account_id, ends_at) SELECT sha256(''mine''), 1, now() + interval ''1 day'''),
  ('UPDATE connex.session SET second_factor_at = now()'), ('INSERT INTO connex.token DEFAULT VALUES'), ('UPDATE connex.access SET lso = true'),
  ('UPDATE connex.user_account SET kind = ''analyst'''), ('UPDATE connex.user_account SET email = ''me@attack.example'''),
  ('UPDATE connex.credential SET password_hash = ''x'''), ('UPDATE connex.setting SET value = ''0'''), ('INSERT INTO connex.staff_contractor VALUES (1, ''99999'')'),
  ('UPDATE connex.outbox SET to_address = ''me@attack.example'''), ('UPDATE connex.letter SET provider_account_id = 1'), ('UPDATE connex.mail_template SET body = ''x'''),
  ('UPDATE connex.clock SET shift = interval ''1 year'''), ('UPDATE connex.appeal SET outcome = ''fully_favorable'''), ('DELETE FROM connex.claim'),
  ('SELECT connex.seal(1, 1, NULL, ''analyst'', NULL)'), ('SELECT connex.seal_text(''1 1  analyst    '')'), ('SELECT connex.seal_of(''x'')'), ('SELECT connex.seal_key()'),
  ('SELECT connex.code_keep(1, ''login'', ''p'')'), ('SELECT connex.code_compare(1, ''login'', ''p'', ''1'')'),
  ('SELECT connex.password_set(1, ''x'', NULL)'), ('SELECT connex.login_cleared(''ATCK001'')'), ('SELECT connex.access_make_lso(1, 1, ''approved'', NULL)'),
  ('SELECT connex.audit_outside(''log_in'', 1, ''r'', ''192.0.2.1'')'), ('SELECT connex.send_mail(''security_code'', 1, ''me@attack.example'', ''{}'')'),
  ('SELECT connex.purge_claims(''2030-01-01'', 1)'), ('SELECT * FROM connex.password_history(1)'),
  ('ALTER TABLE connex.claim DISABLE ROW LEVEL SECURITY'),
  ('DROP POLICY office ON connex.claim'), ('CREATE FUNCTION connex.mine() RETURNS int LANGUAGE sql AS ''SELECT 1'''), ('CREATE TABLE connex.mine (x int)'),
  ('GRANT connex_owner TO connex_app'), ('ALTER ROLE connex_app BYPASSRLS'), ('COPY connex.setting TO PROGRAM ''cat'''), ('SELECT pg_read_file(''/etc/passwd'')'),
  ('CREATE EXTENSION dblink'), ('SET log_min_messages = panic'), ('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ''connex_owner'' AND pg_terminate_backend(pid)')) v (statement);
-- What the workers' functions refuse: none completes a log-in, a second factor, or a recovery on the caller's word.
INSERT INTO try SELECT 'connex_app', statement FROM (VALUES
  ('SELECT FROM connex.session_finish(''ATCK001'', (SELECT salt FROM connex.session_begin(''ATCK001'')), ''192.0.2.1'', ''x'', ''r'') WHERE outcome = ''in'''),
  ('SELECT FROM connex.session_finish(''ATCK001'', NULL, ''192.0.2.1'', ''x'', ''r'') WHERE outcome = ''in'''),
  ('SELECT FROM connex.code_check(''login'', ''p'', ''123456'')'), ('SELECT FROM connex.code_send(''login'', ''p'', NULL)'),
  ('SELECT FROM connex.recovery_begin(''ATCK001'', ''p'', ''123456'', ''r'', ''192.0.2.1'')'),
  ('SELECT FROM connex.recovery_finish(''ATCK001'', ''p'', ''123456'', ''{}'', ''$argon2id$mine'', ''r'', ''192.0.2.1'') f WHERE f = ''done'''),
  ('SELECT FROM connex.password_change_finish(''$argon2id$mine'', ''{}'', ''$argon2id$mine'')'), ('SELECT FROM connex.session_extend()'),
  ('SELECT FROM connex.token_make(''mine'', ''{claims}'', ''{1}'', connex.today())'), ('SELECT FROM connex.access_desk_decide(1, 1, ''approve'', NULL, ''p'')'),
  ('SELECT FROM connex.access_decide(1, 1, ''approve'', ''{claims}'', true, NULL)'), ('SELECT FROM connex.desk_take(1, 1)'), ('SELECT FROM connex.desk_decide(1, 1, ''fully_favorable'', ''x'')'),
  ('SELECT FROM connex.enter(sha256(''guess''), ''session'', ''claims'', 1, ''r'', ''192.0.2.1'')'),
  ('SELECT FROM connex.enter(sha256(''attacked''), ''session'', ''analyst'', NULL, ''r'', ''192.0.2.1'')'), ('SELECT FROM connex.enter(sha256(''attacked''), ''session'', ''claims'', 1, ''r'', ''192.0.2.1'')'),
  ('SELECT FROM connex.claim'), ('SELECT FROM connex.provider_account'), ('SELECT FROM connex.user_account'), ('SELECT FROM connex.access'), ('SELECT FROM connex.appeal'),
  ('SELECT FROM connex.attachment'), ('SELECT FROM connex.remittance'), ('SELECT FROM connex.payment'), ('SELECT FROM connex.beneficiary'), ('SELECT FROM connex.coverage'),
  ('SELECT FROM connex.token'), ('SELECT FROM connex.session_mine'), ('SELECT FROM report.security_event'), ('SELECT FROM connex.outbox'), ('SELECT FROM connex.letter')) v (statement);
INSERT INTO try SELECT 'connex_jobs', statement FROM (VALUES ('SELECT FROM connex.claim'), ('SELECT FROM connex.beneficiary'), ('SELECT FROM connex.user_account'), ('SELECT FROM connex.access'),
  ('SELECT FROM connex.appeal'), ('SELECT csn FROM connex.provider_account'), ('SELECT sha256 FROM connex.attachment'), ('SELECT FROM connex.attachment_piece'), ('SELECT FROM connex.token'),
  ('UPDATE connex.letter SET access_id = 1'), ('UPDATE connex.outbox SET subject = ''x'''), ('INSERT INTO connex.job (kind) VALUES (''letter'')'),
  ('INSERT INTO connex.outbox (kind) VALUES (''x'')'), ('SELECT connex.enter(sha256(''attacked''), ''session'', ''step'', NULL, ''r'', ''192.0.2.1'')'), ('SELECT FROM report.security_event')) v (statement);
INSERT INTO try SELECT 'connex_loader', statement FROM (VALUES ('SELECT FROM connex.user_account'), ('SELECT FROM connex.access'), ('SELECT FROM connex.appeal'), ('SELECT FROM connex.attachment'),
  ('SELECT FROM connex.token'), ('SELECT FROM connex.outbox'), ('SELECT FROM connex.letter'), ('DELETE FROM connex.beneficiary'), ('DELETE FROM connex.remittance'), ('TRUNCATE connex.claim_line'),
  ('INSERT INTO connex.access DEFAULT VALUES'), ('SELECT connex.enter(sha256(''attacked''), ''session'', ''step'', NULL, ''r'', ''192.0.2.1'')'), ('SELECT FROM report.security_event')) v (statement);

-- What came of it: refused (a permission, or a refusal of ours), nothing (no row), or the rows that it gave or changed.
CREATE FUNCTION pg_temp.outcome(p_role text, p_statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  EXECUTE 'SET LOCAL ROLE ' || p_role;
  BEGIN
    EXECUTE p_statement;
    GET DIAGNOSTICS n = ROW_COUNT;
    RESET ROLE;
    RETURN CASE WHEN n = 0 AND p_statement LIKE 'SELECT%' THEN 'nothing' ELSE n || ' rows' END;
  EXCEPTION WHEN insufficient_privilege OR no_data_found THEN -- nobody has entered
    RESET ROLE;
    RETURN 'refused';
  WHEN OTHERS THEN
    RESET ROLE;
    RETURN CASE WHEN SQLSTATE LIKE 'CX%' THEN 'refused' ELSE SQLSTATE || ' ' || SQLERRM END;
  END;
END
$$;
CREATE TEMP TABLE tried AS SELECT t.role, t.statement, pg_temp.outcome(t.role, t.statement) AS outcome FROM try t;
-- The workers' role may ask and gets no row; the others have no right to ask.
SELECT is_empty(format('SELECT statement, outcome FROM tried WHERE role = %L AND outcome <> ''refused'' AND (role <> ''connex_app'' OR outcome <> ''nothing'')', r.role),
  format('%s tries as %s: %s refused, %s found nothing', r.tries, r.role, r.refused, r.nothing))
  FROM (SELECT role, count(*) AS tries, count(*) FILTER (WHERE outcome = 'refused') AS refused, count(*) FILTER (WHERE outcome = 'nothing') AS nothing
          FROM tried GROUP BY role ORDER BY role) r;

-- What a caller's own words do not change: whom an audit row and a security event name.
SET LOCAL ROLE connex_app;
SELECT audit.record('attack', 'claim', 1), audit.refused(sha256('guess'), 'session', '{}', NULL, 'attack', '192.0.2.1', NULL, NULL);
RESET ROLE;
SELECT is((SELECT count(user_account_id)::int FROM audit.event WHERE action = 'attack' OR request_id = 'attack'), 0, 'an audit row names nobody whose credential was not shown');
SELECT * FROM finish();
ROLLBACK;
