-- Provider accounts that a person or a token may use.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Views run with the row security of the role that reads them (security_invoker).
CREATE OR REPLACE VIEW connex.provider_account_mine WITH (security_invoker = true) AS
SELECT p.provider_account_id, p.name, p.npi, p.ptan, right(p.tin, 5) AS tin_last5, p.line_of_business,
  p.physical_city AS city, p.state,
       to_json(CASE WHEN connex.entered_token() IS NULL THEN a.functions
                    ELSE ARRAY(SELECT f FROM unnest(a.functions) f JOIN connex.token t ON f = ANY (t.functions)
                      WHERE t.token_id = connex.entered_token()) END) AS functions,
       a.lso AND connex.entered_token() IS NULL AS lso
  FROM connex.access a JOIN connex.provider_account p USING (provider_account_id)
 WHERE a.user_account_id = connex.entered_user() AND a.status = 'approved'
   AND (connex.entered_token() IS NULL
        OR EXISTS (SELECT FROM connex.token_provider_account t WHERE t.token_id = connex.entered_token()
          AND t.provider_account_id = a.provider_account_id));
COMMENT ON VIEW connex.provider_account_mine IS 'Provider accounts that the entered person or token may use.';
