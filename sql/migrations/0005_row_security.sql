-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Who sees which row. connex.enter() (sql/rules/gate.sql) sets connex.* for the transaction; policies read it.
-- The workers' role sees nothing of a provider or a person before it has entered.
CREATE FUNCTION connex.entered_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('connex.user_account_id', true), '')::bigint;
CREATE FUNCTION connex.entered_account() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('connex.provider_account_id', true), '')::bigint;
CREATE FUNCTION connex.entered_right() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('connex.right', true), '');
CREATE FUNCTION connex.entered_token() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('connex.token_id', true), '')::bigint;
-- Set by a lookup that matched a person by number, names and birth date: nobody else is visible (portal 2.3).
CREATE FUNCTION connex.entered_beneficiary() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('connex.beneficiary_id', true), '')::bigint;

-- Provider accounts that the entered person (or token) may use with a function. Definer: policies call it.
CREATE FUNCTION connex.my_accounts(p_function text) RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(a.provider_account_id), '{}')
      FROM access a
     WHERE a.user_account_id = entered_user() AND a.status = 'approved' AND p_function = ANY (a.functions)
       AND (entered_token() IS NULL OR EXISTS (
             SELECT FROM token t JOIN token_provider_account p USING (token_id)
              WHERE t.token_id = entered_token() AND p.provider_account_id = a.provider_account_id AND p_function = ANY (t.functions))));
END
$$;
CREATE FUNCTION connex.lso_accounts() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(a.provider_account_id), '{}')
      FROM access a
     WHERE a.user_account_id = entered_user() AND a.status = 'approved' AND a.lso AND entered_token() IS NULL);
END
$$;
GRANT EXECUTE ON FUNCTION connex.entered_user(), connex.entered_account(), connex.entered_right(), connex.entered_token(),
  connex.entered_beneficiary(), connex.my_accounts(text), connex.lso_accounts(),
  connex.now(), connex.today(), connex.iso(timestamptz), connex.setting_integer(text), connex.setting_boolean(text),
  connex.setting_text(text), connex.claim_month(date)
  TO connex_app, connex_reader, connex_jobs, connex_loader;

DO $$
DECLARE
  tables_of_accounts text[] := ARRAY['claim','adjudication','claim_line','claim_adjustment','remittance','appeal','attachment'];
  all_tables text[] := tables_of_accounts || ARRAY['provider_account','payment','user_account','credential','former_password',
    'login_guard','session','mailed_code','mailed_code_count','agreement_acceptance','access','access_event','access_code','letter',
    'token','token_provider_account','idempotency','beneficiary','beneficiary_mbi','coverage','provider_adjustment','claim_key',
    'appeal_event','attachment_piece','outbox','job','load_run','load_finding'];
  t text;
BEGIN
  FOREACH t IN ARRAY all_tables LOOP
    EXECUTE format('ALTER TABLE connex.%I ENABLE ROW LEVEL SECURITY', t);
  END LOOP;
  -- What belongs to a provider account: the entered one; the analyst's any; lists over all accounts by their function.
  FOREACH t IN ARRAY tables_of_accounts LOOP
    EXECUTE format($p$CREATE POLICY by_provider_account ON connex.%I FOR SELECT TO connex_reader
      USING (provider_account_id = connex.entered_account()
             OR connex.entered_right() = 'analyst'
             OR (connex.entered_right() = 'member' AND provider_account_id = ANY (connex.my_accounts(%L))))$p$,
      t, CASE t WHEN 'remittance' THEN 'financials' ELSE 'claims' END);
    EXECUTE format('GRANT SELECT ON connex.%I TO connex_reader', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['claim','adjudication','claim_line','claim_adjustment','remittance','provider_adjustment','claim_key',
                           'provider_account','payment','contractor','beneficiary','beneficiary_mbi','coverage','reason_code','load_run','load_finding'] LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON connex.%I TO connex_loader', t);
    IF t NOT IN ('contractor','reason_code') THEN
      EXECUTE format('CREATE POLICY loader ON connex.%I TO connex_loader USING (true) WITH CHECK (true)', t);
    END IF;
  END LOOP;
  FOREACH t IN ARRAY ARRAY['outbox','job','letter','session','mailed_code','mailed_code_count','idempotency','attachment','attachment_piece','login_guard'] LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON connex.%I TO connex_jobs', t);
    EXECUTE format('CREATE POLICY jobs ON connex.%I TO connex_jobs USING (true) WITH CHECK (true)', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['provider_account','user_account','access','appeal'] LOOP
    EXECUTE format('GRANT SELECT ON connex.%I TO connex_jobs', t);
    EXECUTE format('CREATE POLICY jobs ON connex.%I FOR SELECT TO connex_jobs USING (true)', t);
  END LOOP;
END
$$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA connex TO connex_loader;
GRANT EXECUTE ON FUNCTION connex.claim_id_new(date) TO connex_loader;

GRANT SELECT ON connex.provider_account, connex.payment, connex.user_account, connex.access, connex.access_event,
  connex.token, connex.token_provider_account, connex.beneficiary, connex.beneficiary_mbi, connex.coverage,
  connex.provider_adjustment, connex.appeal_event, connex.attachment_piece, connex.agreement, connex.agreement_acceptance TO connex_reader;
GRANT SELECT ON connex.agreement TO connex_app;

CREATE POLICY mine ON connex.provider_account FOR SELECT TO connex_reader
  USING (provider_account_id = connex.entered_account() OR connex.entered_right() = 'analyst'
         OR EXISTS (SELECT FROM connex.access a WHERE a.provider_account_id = provider_account.provider_account_id));
-- A row of access is seen by its own person, by an LSO of its provider account (LSO-15), and by the analyst.
CREATE POLICY mine ON connex.access FOR SELECT TO connex_reader
  USING ((user_account_id = connex.entered_user())
         OR (connex.entered_right() = 'lso' AND provider_account_id = ANY (connex.lso_accounts()))
         OR connex.entered_right() = 'analyst');
CREATE POLICY through_access ON connex.access_event FOR SELECT TO connex_reader
  USING (EXISTS (SELECT FROM connex.access a WHERE a.access_id = access_event.access_id));
CREATE POLICY mine ON connex.user_account FOR SELECT TO connex_reader
  USING (user_account_id = connex.entered_user() OR connex.entered_right() = 'analyst'
         OR (connex.entered_right() = 'lso' AND EXISTS (SELECT FROM connex.access a WHERE a.user_account_id = user_account.user_account_id)));
CREATE POLICY mine ON connex.agreement_acceptance FOR SELECT TO connex_reader USING (user_account_id = connex.entered_user());
CREATE POLICY mine ON connex.token FOR SELECT TO connex_reader USING (user_account_id = connex.entered_user());
CREATE POLICY through_token ON connex.token_provider_account FOR SELECT TO connex_reader
  USING (EXISTS (SELECT FROM connex.token t WHERE t.token_id = token_provider_account.token_id));
CREATE POLICY financials ON connex.payment FOR SELECT TO connex_reader
  USING ((connex.entered_right() = 'financials' AND provider_account_id = connex.entered_account()) OR connex.entered_right() = 'analyst');
CREATE POLICY matched ON connex.beneficiary FOR SELECT TO connex_reader USING (beneficiary_id = connex.entered_beneficiary());
CREATE POLICY matched ON connex.beneficiary_mbi FOR SELECT TO connex_reader USING (beneficiary_id = connex.entered_beneficiary());
CREATE POLICY matched ON connex.coverage FOR SELECT TO connex_reader USING (beneficiary_id = connex.entered_beneficiary());
CREATE POLICY through_remittance ON connex.provider_adjustment FOR SELECT TO connex_reader
  USING (EXISTS (SELECT FROM connex.remittance r WHERE r.remittance_id = provider_adjustment.remittance_id));
CREATE POLICY through_appeal ON connex.appeal_event FOR SELECT TO connex_reader
  USING (EXISTS (SELECT FROM connex.appeal a WHERE a.appeal_id = appeal_event.appeal_id));
CREATE POLICY through_attachment ON connex.attachment_piece FOR SELECT TO connex_reader
  USING (EXISTS (SELECT FROM connex.attachment a WHERE a.attachment_id = attachment_piece.attachment_id));

-- migrate:down
