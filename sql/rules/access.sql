-- Who may do what for which provider account: requests, decisions by Local Security Officers and analysts, the access
-- code, and the CSN. Rules LSO-01 to LSO-18 and FN-01.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The four functions by the names that the screens use, in the order of the screens.
CREATE OR REPLACE FUNCTION connex.function_words(p_functions text[]) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = connex, pg_temp
  RETURN coalesce((SELECT string_agg(w.words, ', ' ORDER BY w.place)
                     FROM (VALUES (1, 'provider_profile', 'Provider Profile'), (2, 'claims', 'Claims'), (3, 'eligibility',
                       'Eligibility Lookup'),
                                  (4, 'financials', 'Financials')) AS w (place, name, words)
                    WHERE w.name = ANY (p_functions)), 'no function');

-- The one provider account that matches PTAN, NPI, the last five digits of the TIN, line of business, and state; null if
-- none or several match.
CREATE OR REPLACE FUNCTION connex.access_account(p_wanted connex.access_wanted) RETURNS bigint
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (SELECT CASE WHEN count(*) = 1 THEN min(p.provider_account_id) END
            FROM provider_account p
           WHERE p.npi = p_wanted.npi AND p.ptan = p_wanted.ptan AND right(p.tin, 5) = p_wanted.tin_last5
             AND p.line_of_business = p_wanted.line_of_business AND p.state = p_wanted.state);
END
$$;

-- The Local Security Officers of a provider account who can make decisions. One whose account is suspended or terminated
-- cannot log in, and requests waiting for that person would never be decided (LSO-10, LSO-15, LSO-17).
CREATE OR REPLACE FUNCTION connex.access_officers(p_provider_account_id bigint) RETURNS SETOF connex.user_account
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT u.* FROM access a JOIN user_account u USING (user_account_id)
                WHERE a.provider_account_id = p_provider_account_id AND a.status = 'approved' AND a.lso
                  AND u.status = 'active';
END
$$;

CREATE OR REPLACE FUNCTION connex.access_has_lso(p_provider_account_id bigint) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM access_officers(p_provider_account_id));
END
$$;

-- LSO-03: the payment that a Local Security Officer gives as proof. Its number and amount must match, and it must have been
-- issued at most 90 days ago (day 90 is accepted).
CREATE OR REPLACE FUNCTION connex.access_proof(p_provider_account_id bigint, p_number text, p_amount numeric) RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  SELECT min(p.payment_id) FROM payment p
   WHERE p.provider_account_id = p_provider_account_id AND replace(p.payment_number, '-',
     '') = p_number AND p.amount = p_amount
     AND p.issued_on BETWEEN connex.today() - setting_integer('check_proof_days') AND connex.today()
$$;

-- What is wrong with a request, field by field. There is one neutral message for anything that does not match, so that a
-- stranger cannot learn which of PTAN, NPI, and TIN is right. p_user_account_id is null if there is no account yet.
-- p_request has the fields of the contract (connex.access_wanted).
CREATE OR REPLACE FUNCTION connex.access_request_faults(p_user_account_id bigint, p_request jsonb)
  RETURNS TABLE (field text, code text, message text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  wanted access_wanted := jsonb_populate_record(NULL::connex.access_wanted, p_request);
  account bigint := access_account(wanted);
BEGIN
  IF account IS NULL THEN
    RETURN QUERY SELECT 'npi', 'no_match',
      'NPI, PTAN, TIN, line of business and state do not match a provider account. '
      'Check all five against your enrollment letter.';
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM access a WHERE a.user_account_id = p_user_account_id AND a.provider_account_id = account
                AND a.status IN ('requested', 'awaiting_code', 'approved')) THEN
    RETURN QUERY SELECT 'npi', 'already_requested',
      'You already have access to this provider account, or a request for it that has not been decided yet.';
  ELSIF wanted.lso AND access_proof(account, wanted.check_number, wanted.check_amount) IS NULL THEN        -- LSO-03
    RETURN QUERY SELECT 'check_number', 'no_match',
      format('The check number and amount do not match a payment made to this provider account in the last %s days.',
             setting_integer('check_proof_days'));
  ELSIF NOT wanted.lso AND NOT access_has_lso(account) THEN                                                -- LSO-01
    RETURN QUERY SELECT 'lso', 'no_lso',
      'This provider account has no Local Security Officer. The next person to request access must become one.';
  ELSIF NOT wanted.lso AND setting_boolean('csn_required')                                                 -- LSO-08
        AND (SELECT p.csn FROM provider_account p WHERE p.provider_account_id = account) IS DISTINCT FROM wanted.csn THEN
    RETURN QUERY SELECT 'csn', 'no_match',
      'This is not the CSN of this provider account. Ask your Local Security Officer for it.';
  END IF;
END
$$;

-- Sends mail about a row of access to the person it belongs to.
CREATE OR REPLACE FUNCTION connex.access_mail(p_access_id bigint, p_template text, p_more jsonb DEFAULT '{}') RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  r record;
BEGIN
  SELECT a.functions, a.comment, u.user_account_id, u.email, u.first_name, p.name, p.npi INTO STRICT r
    FROM access a JOIN user_account u USING (user_account_id) JOIN provider_account p USING (provider_account_id)
   WHERE a.access_id = p_access_id;
  PERFORM send_mail(p_template, r.user_account_id, r.email,
    jsonb_build_object('first_name', r.first_name, 'provider', r.name, 'npi', r.npi, 'functions',
      function_words(r.functions),
                       'comment', coalesce(r.comment, 'none')) || p_more);
END
$$;

-- Adds an event to a row's history, which is never deleted (LSO-12).
CREATE OR REPLACE FUNCTION connex.access_note(p_access_id bigint, p_by bigint, p_action text, p_comment text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  INSERT INTO access_event (access_id, event_no, user_account_id, action, functions, lso, comment)
  SELECT a.access_id, 1 + coalesce((SELECT max(e.event_no) FROM access_event e WHERE e.access_id = a.access_id), 0), p_by,
    p_action,
         CASE WHEN p_action IN ('requested', 'code_mailed') THEN a.functions_requested ELSE a.functions END,
         CASE WHEN p_action IN ('requested', 'code_mailed') THEN a.lso_requested ELSE a.lso END, p_comment
    FROM access a WHERE a.access_id = p_access_id
$$;

-- Makes the request; the caller has already checked it. LSO-09: check data without "LSO" prove nothing and are not kept.
-- LSO-17: all Local Security Officers of the account get mail, and the requester gets a copy.
CREATE OR REPLACE FUNCTION connex.access_request_make(p_user_account_id bigint, p_request jsonb) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  wanted access_wanted := jsonb_populate_record(NULL::connex.access_wanted, p_request);
  made bigint;
  officer record;
  requester user_account;
  account provider_account;
BEGIN
  SELECT * INTO STRICT account FROM provider_account p WHERE p.provider_account_id = access_account(wanted);
  SELECT * INTO STRICT requester FROM user_account u WHERE u.user_account_id = p_user_account_id;
  INSERT INTO access (user_account_id, provider_account_id, lso_requested, functions_requested, payment_id)
  VALUES (p_user_account_id, account.provider_account_id, wanted.lso, wanted.functions,
          CASE WHEN wanted.lso THEN access_proof(account.provider_account_id, wanted.check_number, wanted.check_amount) END)
  RETURNING access_id INTO made;
  PERFORM access_note(made, p_user_account_id, 'requested', NULL);
  FOR officer IN SELECT * FROM access_officers(account.provider_account_id) LOOP
    PERFORM send_mail('access_requested', officer.user_account_id, officer.email,
      jsonb_build_object('first_name', officer.first_name, 'requester', requester.first_name || ' ' || requester.last_name,
                         'provider', account.name, 'npi', account.npi));
  END LOOP;
  PERFORM access_mail(made, 'access_request_copy', jsonb_build_object('next',
    CASE WHEN access_has_lso(account.provider_account_id)
         THEN 'A Local Security Officer (LSO) of this provider account will decide on it.'
         ELSE 'The contractor will check the payment you named. '
              'After that, a letter with an access code goes to the billing address on file.' END));
  RETURN made;
END
$$;

-- New on the System Access page.
CREATE OR REPLACE FUNCTION connex.access_request(p_request jsonb) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  fault record;
  made bigint;
BEGIN
  PERFORM demand_person();
  IF (SELECT u.kind FROM user_account u WHERE u.user_account_id = entered_user()) <> 'office' THEN
    PERFORM refuse(403, 'not_office', 'The contractor''s staff have no access to provider accounts.');
  END IF;
  FOR fault IN SELECT * FROM access_request_faults(entered_user(), p_request) LOOP
    PERFORM refuse(CASE fault.code WHEN 'already_requested' THEN 409 ELSE 422 END, fault.code, fault.message, fault.field);
  END LOOP;
  made := access_request_make(entered_user(), p_request);
  PERFORM connex.subject('access', made);
  RETURN made;
END
$$;

-- Makes the person in this row a Local Security Officer and, the first time, sets the provider account's CSN (LSO-05,
-- LSO-07).
CREATE OR REPLACE FUNCTION connex.access_make_lso(p_access_id bigint, p_by bigint, p_action text, p_comment text)
  RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  UPDATE access a SET status = 'approved', lso = true, functions = functions_requested, updated_at = connex.now(),
    version = version + 1
   WHERE a.access_id = p_access_id;
  UPDATE provider_account p SET csn = coalesce(p.csn, random_letters(10))
   WHERE p.provider_account_id = (SELECT a.provider_account_id FROM access a WHERE a.access_id = p_access_id);
  PERFORM access_note(p_access_id, p_by, p_action, p_comment);
  PERFORM access_mail(p_access_id, 'access_approved');
END
$$;

-- LSO-06: whether a request's code can no longer be entered because it was used, has expired, had too many wrong tries, or
-- its letter was never made.
CREATE OR REPLACE FUNCTION connex.access_code_dead(p_access_id bigint) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN NOT EXISTS (SELECT FROM access_code c WHERE c.access_id = p_access_id AND c.used_at IS NULL
    AND connex.now() < c.expires_at
                        AND c.wrong_tries < setting_integer('access_code_tries'))
         OR coalesce((SELECT l.status = 'failed' FROM letter l WHERE l.access_id = p_access_id
           ORDER BY l.letter_id DESC LIMIT 1), false);
END
$$;

-- LSO-05, LSO-06: checks the code from the letter. Returns right, wrong, or void. It does not raise an error for a wrong
-- code, so that the try is counted. The code belongs to the row, and so to one person and one provider account.
-- p_former_hash: how a letter's code was kept when the workers made it, for letters that were mailed before 0051_secrets.
CREATE OR REPLACE FUNCTION connex.access_activate(p_access_id bigint, p_pepper bytea, p_code text, p_former_hash bytea)
  RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  state text;
  kept access_code;
BEGIN
  PERFORM demand_person();
  SELECT a.status INTO state FROM access a WHERE a.access_id = p_access_id
    AND a.user_account_id = entered_user() FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'You have no such request.');
  ELSIF state <> 'awaiting_code' THEN
    PERFORM refuse(409, 'no_code_awaited', 'This request is not waiting for an access code.');
  END IF;
  SELECT * INTO kept FROM access_code c WHERE c.access_id = p_access_id FOR UPDATE;
  IF NOT FOUND OR access_code_dead(p_access_id) THEN
    RETURN 'void';
  ELSIF kept.code_hash NOT IN (code_hash(p_pepper, 'access', p_access_id, p_code), p_former_hash) THEN
    UPDATE access_code c SET wrong_tries = wrong_tries + 1 WHERE c.access_id = p_access_id;
    PERFORM audit.record('access_code_failed', 'access', p_access_id);
    RETURN CASE WHEN kept.wrong_tries + 1 >= setting_integer('access_code_tries') THEN 'void' ELSE 'wrong' END;
  END IF;
  UPDATE access_code c SET used_at = connex.now() WHERE c.access_id = p_access_id;
  PERFORM access_make_lso(p_access_id => p_access_id, p_by => entered_user(), p_action => 'activated', p_comment => NULL);
  RETURN 'right';
END
$$;

-- Finds and locks a row for a decision. An LSO can decide only for provider accounts where he or she is LSO (LSO-15: any
-- other row is reported as not found), an analyst for those of his or her contractor numbers. If two people decide at the
-- same time, the second one finds a newer version.
CREATE OR REPLACE FUNCTION connex.access_for_decision(p_access_id bigint, p_version integer) RETURNS access
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  found_row access;
BEGIN
  PERFORM demand_person();
  SELECT * INTO found_row FROM access a
   WHERE a.access_id = p_access_id
     AND CASE entered_right()
           WHEN 'analyst' THEN entered_contractors_account(a.provider_account_id)
           WHEN 'lso' THEN a.provider_account_id = ANY (lso_accounts())
           ELSE false END FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'There is no such request for your provider accounts.');
  ELSIF found_row.version <> p_version THEN
    PERFORM refuse(412, 'stale', 'Someone changed this since you opened it. Open it again and look at what was done.');
  END IF;
  RETURN found_row;
END
$$;

-- LSO-15: the last one who can decide cannot be removed. Locking the provider account's row makes two removals at the same
-- time wait for each other.
CREATE OR REPLACE FUNCTION connex.access_demand_other_lso(p_row access) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM FROM provider_account p WHERE p.provider_account_id = p_row.provider_account_id FOR NO KEY UPDATE;
  PERFORM FROM access_officers(p_row.provider_account_id) o WHERE o.user_account_id <> p_row.user_account_id;
  IF NOT FOUND THEN
    PERFORM refuse(409, 'last_lso',
      'This is the last Local Security Officer of the provider account. Make another one first.');
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION connex.access_decide(p_access_id bigint, p_version integer, p_decision text, p_functions text[],
  p_lso boolean, p_comment text)
  RETURNS TABLE (document json, version integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  r access := access_for_decision(p_access_id, p_version);
  new_functions text[];
  new_lso boolean;
BEGIN
  IF entered_right() <> 'lso' THEN
    PERFORM refuse(403, 'not_lso', 'This is for Local Security Officers.');
  END IF;
  IF p_decision IN ('approve', 'decline') AND r.status <> 'requested' THEN
    PERFORM refuse(409, 'not_requested', 'This request has been decided already.');
  ELSIF p_decision IN ('modify', 'remove') AND r.status <> 'approved' THEN
    PERFORM refuse(409, 'not_approved', 'Only approved access can be modified or removed.');
  ELSIF p_decision = 'decline' AND coalesce(btrim(p_comment), '') = '' THEN                                -- LSO-12
    PERFORM refuse(422, 'required', 'Say in a comment why you decline, so that the person knows what to do.', 'comment');
  END IF;
  IF p_decision = 'approve' THEN
    new_functions := coalesce(p_functions, r.functions_requested);                                         -- LSO-11
    new_lso := coalesce(p_lso, r.lso_requested);
  ELSIF p_decision = 'modify' THEN
    new_functions := coalesce(p_functions, r.functions);
    new_lso := coalesce(p_lso, r.lso);
  ELSE
    new_functions := '{}';
    new_lso := false;
  END IF;
  IF r.user_account_id = entered_user() AND (p_decision = 'approve' OR NOT new_functions <@ r.functions) THEN   -- LSO-15
    PERFORM refuse(403, 'own_request',
      'You cannot give rights to yourself. Ask another Local Security Officer of this provider account.');
  END IF;
  IF p_decision IN ('approve', 'modify') AND new_functions = '{}' AND NOT new_lso THEN
    PERFORM refuse(422, 'required', 'Select at least one function, or decline or remove the access.', 'functions');
  END IF;
  IF r.lso AND NOT new_lso THEN
    PERFORM access_demand_other_lso(r);
  END IF;
  UPDATE access a
     SET status = CASE p_decision WHEN 'decline' THEN 'declined' WHEN 'remove' THEN 'removed' ELSE 'approved' END,
         functions = new_functions, lso = new_lso, comment = nullif(btrim(p_comment), ''), decided_by = entered_user(),
           decided_at = connex.now(),
         updated_at = connex.now(), version = a.version + 1
   WHERE a.access_id = p_access_id;
  PERFORM access_note(p_access_id, entered_user(),
                      CASE p_decision WHEN 'approve' THEN 'approved' WHEN 'decline' THEN 'declined' WHEN 'modify'
                        THEN 'modified' ELSE 'removed' END,
                      nullif(btrim(p_comment), ''));
  PERFORM access_mail(p_access_id, CASE p_decision WHEN 'approve' THEN 'access_approved' WHEN 'decline'
    THEN 'access_declined'
                                                   WHEN 'modify' THEN 'access_changed' ELSE 'access_removed' END);
  RETURN QUERY SELECT (to_jsonb(v) || jsonb_build_object('access_id', v.access_id::text, 'provider_account_id',
    v.provider_account_id::text))::json, v.version
                 FROM access_user v WHERE v.access_id = p_access_id;
END
$$;

-- The analyst's decision about a first Local Security Officer. After approval, the code is sent by letter and in no other
-- way (LSO-04): its hash is kept, and the code itself is in the letter's row only until the PDF is made. If the setting does
-- not require a code, the request is approved at once. A request that is waiting for a code that can no longer be entered
-- (LSO-06) can be approved again, which makes a new letter, or declined; otherwise it would block a new request forever.
CREATE OR REPLACE FUNCTION connex.access_desk_decide(p_access_id bigint, p_version integer, p_decision text, p_comment text,
    p_pepper bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  r access := access_for_decision(p_access_id, p_version);
  expires timestamptz := connex.now() + make_interval(days => setting_integer('access_code_days'));        -- LSO-06
  expires_day date := (expires AT TIME ZONE setting_text('time_zone'))::date;
  code text;
  letter_made bigint;
BEGIN
  IF entered_right() <> 'analyst' THEN
    PERFORM refuse(403, 'not_analyst', 'This is for the contractor''s analysts.');
  ELSIF NOT r.lso_requested OR (r.status = 'requested' AND access_has_lso(r.provider_account_id)) THEN      -- LSO-10
    PERFORM refuse(409, 'lso_decides', 'This provider account has a Local Security Officer, who decides this request.');
  ELSIF r.status <> 'requested' AND NOT (r.status = 'awaiting_code' AND access_code_dead(p_access_id)) THEN
    PERFORM refuse(409, 'not_requested', 'This request has been decided already.');
  ELSIF p_decision = 'decline' AND coalesce(btrim(p_comment), '') = '' THEN
    PERFORM refuse(422, 'required', 'Say in a comment why you decline, so that the person knows what to do.', 'comment');
  END IF;
  -- The letter of a code that can no longer be entered must not be printed.
  UPDATE letter l SET status = 'failed', secret = NULL, pdf = NULL WHERE l.access_id = p_access_id
    AND l.status IN ('queued', 'failed', 'rendered');
  UPDATE access a SET comment = nullif(btrim(p_comment), ''), decided_by = entered_user(), decided_at = connex.now(),
    updated_at = connex.now(),
         status = CASE WHEN p_decision = 'decline' THEN 'declined' ELSE 'awaiting_code' END, version = version + 1
   WHERE a.access_id = p_access_id;
  IF p_decision = 'decline' THEN
    PERFORM access_note(p_access_id, entered_user(), 'declined', nullif(btrim(p_comment), ''));
    PERFORM access_mail(p_access_id, 'access_declined');
  ELSIF NOT setting_boolean('access_code_required') THEN
    PERFORM access_make_lso(p_access_id => p_access_id, p_by => entered_user(), p_action => 'approved',
                            p_comment => nullif(btrim(p_comment), ''));
  ELSE
    code := random_letters(12);
    INSERT INTO access_code (access_id, code_hash, created_at, expires_at)
    VALUES (p_access_id, code_hash(p_pepper, 'access', p_access_id, code), connex.now(), expires)
    ON CONFLICT (access_id) DO UPDATE
      SET code_hash = excluded.code_hash, created_at = excluded.created_at, expires_at = excluded.expires_at,
        wrong_tries = 0;
    INSERT INTO letter (kind, provider_account_id, access_id, secret, expires_on)
    VALUES ('access_code', r.provider_account_id, p_access_id, code, expires_day)
    RETURNING letter_id INTO letter_made;
    INSERT INTO job (kind, subject_id) VALUES ('letter', letter_made);
    PERFORM access_note(p_access_id, entered_user(), 'code_mailed', nullif(btrim(p_comment), ''));
    PERFORM access_mail(p_access_id, 'access_code_mailed', jsonb_build_object('expires_on', to_char(expires_day,
      'FMMonth FMDD, YYYY')));
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION connex.access_by_contractor(p_user_account_id bigint) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM user_account u WHERE u.user_account_id = p_user_account_id AND u.kind = 'analyst');
END
$$;

-- Views run with the row security of the role that reads them (security_invoker).
-- The requester does not see the name of the person who decided, only whether it was the contractor or an LSO; an LSO's name
-- comes by mail (LSO-18).
CREATE OR REPLACE VIEW connex.access_mine WITH (security_invoker = true) AS
SELECT a.access_id, a.status, a.provider_account_id, p.name, p.npi, p.ptan, right(p.tin, 5) AS tin_last5,
  p.line_of_business,
       p.physical_city AS city, p.state, a.lso_requested, to_json(a.functions_requested) AS functions_requested, a.lso,
         to_json(a.functions) AS functions,
       CASE WHEN a.lso THEN p.csn END AS csn,                                                              -- LSO-07
       a.comment, connex.iso(a.created_at) AS created_at, connex.iso(a.updated_at) AS updated_at, a.version,
       (SELECT coalesce(json_agg(json_build_object('at', connex.iso(e.at), 'action', e.action,
                 'by', CASE WHEN e.user_account_id = a.user_account_id THEN 'You'
                            WHEN connex.access_by_contractor(e.user_account_id) THEN 'Contractor'
                            WHEN e.user_account_id IS NOT NULL THEN 'Local Security Officer' END,
                 'functions', to_json(e.functions), 'lso', e.lso, 'comment', e.comment) ORDER BY e.event_no), '[]')
          FROM connex.access_event e WHERE e.access_id = a.access_id) AS events
  FROM connex.access a JOIN connex.provider_account p USING (provider_account_id)
 WHERE a.user_account_id = connex.entered_user();
COMMENT ON VIEW connex.access_mine IS
  'System Access: a person''s own requests and rights, however they were decided, with their history.';

CREATE OR REPLACE VIEW connex.access_user WITH (security_invoker = true) AS
SELECT a.access_id, a.status, u.user_id, u.first_name, u.last_name, a.provider_account_id, p.name, p.npi, p.ptan,
  right(p.tin, 5) AS tin_last5,
       p.line_of_business, p.physical_city AS city, p.state, a.lso_requested,
         to_json(a.functions_requested) AS functions_requested,
       a.lso, to_json(a.functions) AS functions, a.comment,
       (SELECT d.first_name || ' ' || d.last_name FROM connex.user_account d WHERE d.user_account_id = a.decided_by)
         AS decided_by,
       connex.iso(u.last_login_at) AS last_login_at, connex.iso(a.created_at) AS created_at,
         connex.iso(a.updated_at) AS updated_at,
       a.version, a.user_account_id = connex.entered_user() AS is_me
  FROM connex.access a JOIN connex.user_account u USING (user_account_id) JOIN connex.provider_account p
    USING (provider_account_id);
COMMENT ON VIEW connex.access_user IS 'A row of access as User Management shows it.';

CREATE OR REPLACE VIEW connex.access_managed WITH (security_invoker = true) AS
SELECT v.* FROM connex.access_user v WHERE v.provider_account_id IN (SELECT unnest(connex.lso_accounts()));
COMMENT ON VIEW connex.access_managed IS 'User Management: all rows of the provider accounts where the user is an LSO.';

CREATE OR REPLACE VIEW connex.access_desk WITH (security_invoker = true) AS
SELECT a.access_id, a.status, u.user_id, u.first_name, u.last_name, u.email, a.provider_account_id, p.name, p.npi, p.ptan,
  right(p.tin, 5) AS tin_last5,
       p.line_of_business, p.state, to_json(a.functions_requested) AS functions_requested,
       y.payment_number AS check_number, y.amount AS check_amount, y.issued_on AS check_issued_on,
       json_build_object('street', p.billing_street, 'city', p.billing_city, 'state', p.billing_state, 'zip',
         p.billing_zip) AS billing_address,
       a.comment, connex.iso(a.created_at) AS created_at, a.version, p.contractor_no
  FROM connex.access a JOIN connex.user_account u USING (user_account_id) JOIN connex.provider_account p
    USING (provider_account_id)
  LEFT JOIN connex.payment y USING (payment_id)
 WHERE a.lso_requested AND connex.entered_right() = 'analyst';
COMMENT ON VIEW connex.access_desk IS 'The contractor''s desk: requests to become an LSO, with the evidence.';

-- Home: the access codes that a person has to enter, and the decisions of others about the person's own requests.
CREATE OR REPLACE FUNCTION connex.attention_access_own(p_user_account_id bigint) RETURNS SETOF connex.attention_item
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  codes_most CONSTANT integer := 10;      -- codes and decisions that get a line of their own
  decisions_most CONSTANT integer := 5;
  items attention_item[];
BEGIN
  SELECT array_agg(n.item ORDER BY n.access_id) INTO items
    FROM (SELECT q.access_id, ('access_code_to_enter', 1, format('Enter the access code from the letter for %s', a.name),
                               (c.expires_at AT TIME ZONE setting_text('time_zone'))::date, q.provider_account_id, a.name,
                               q.access_id)::attention_item AS item
            FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
            LEFT JOIN access_code c ON c.access_id = q.access_id
           WHERE q.user_account_id = p_user_account_id AND q.status = 'awaiting_code'
           ORDER BY q.access_id LIMIT codes_most + 1000) n;
  RETURN QUERY SELECT * FROM attention_first(items, codes_most, 'other access code to enter', 'other access codes to enter');
  SELECT array_agg(n.item ORDER BY n.decided_at DESC, n.access_id DESC) INTO items
    FROM (SELECT q.decided_at, q.access_id, ('access_decided', 1, format('Your access to %s was %s', a.name, q.status), NULL,
                                             q.provider_account_id, a.name, q.access_id)::attention_item AS item
            FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
           WHERE q.user_account_id = p_user_account_id AND q.status IN ('approved', 'declined', 'removed')
             AND q.decided_at > connex.now() - make_interval(days => setting_integer('home_access_days'))
             AND q.decided_by <> p_user_account_id
           ORDER BY q.decided_at DESC, q.access_id DESC LIMIT decisions_most + 1000) n;
  RETURN QUERY SELECT * FROM attention_first(items, decisions_most, 'other decision about your access',
                                             'other decisions about your access');
END
$$;

-- Home: the analyst sees requests that are waiting for the contractor. A user in an office sees his or her own requests and,
-- as a Local Security Officer, those that are waiting for a decision. A token sees nothing about access.
CREATE OR REPLACE FUNCTION connex.attention_access(p_analyst boolean) RETURNS SETOF connex.attention_item
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  mine text[];
BEGIN
  IF entered_token() IS NOT NULL THEN
    RETURN;
  ELSIF p_analyst THEN
    mine := entered_contractors();
    RETURN QUERY
      SELECT 'desk_access_request', count(*)::integer,
             format('%s for access as Local Security Officer, the oldest from %s', counted(count(*), 'request', 'requests'),
                    spoken_day((min(o.created_at) AT TIME ZONE setting_text('time_zone'))::date)),
             NULL::date, NULL::bigint, NULL::text, NULL::bigint
        FROM (SELECT a.created_at FROM access a JOIN provider_account p ON p.provider_account_id = a.provider_account_id
               WHERE a.status = 'requested' AND a.lso_requested AND NOT access_has_lso(a.provider_account_id)
                 AND p.contractor_no = ANY (mine)
               ORDER BY a.created_at, a.access_id LIMIT 1000) o
      HAVING count(*) > 0;
    RETURN;
  END IF;
  RETURN QUERY
    SELECT 'access_to_decide', count(*)::integer,
           counted(count(*), 'request for access is waiting for your decision',
                   'requests for access are waiting for your decision'),
           NULL::date, CASE count(DISTINCT o.provider_account_id) WHEN 1 THEN min(o.provider_account_id) END,
           CASE count(DISTINCT o.provider_account_id) WHEN 1 THEN min(o.name) END, CASE count(*) WHEN 1 THEN min(o.access_id) END
      FROM (SELECT q.access_id, q.provider_account_id, a.name
              FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
             -- This includes a person who asks to become another Local Security Officer (LSO-10).
             WHERE q.provider_account_id = ANY (lso_accounts()) AND q.status = 'requested' LIMIT 1000) o
    HAVING count(*) > 0;
  RETURN QUERY SELECT * FROM attention_access_own(entered_user());
END
$$;
