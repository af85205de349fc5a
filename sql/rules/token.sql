-- Tokens for scripts.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Makes a token for chosen functions and provider accounts: never more than its owner has, and for at most a year (portal
-- 2.13). Returns its secret, which is shown only once.
CREATE OR REPLACE FUNCTION connex.token_make(p_name text, p_functions text[], p_provider_account_ids bigint[],
  p_expires_on date) RETURNS TABLE (token_id bigint, secret text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  made bigint;
  new_secret text;
  latest date := connex.today() + setting_integer('token_max_days');
BEGIN
  PERFORM demand_person();
  IF p_expires_on < connex.today() OR p_expires_on > latest THEN
    PERFORM refuse(422, 'range', format('The last day must be between today and %s.', latest), 'expires_on');
  END IF;
  IF EXISTS (SELECT FROM unnest(p_provider_account_ids) AS wanted (id)
              WHERE NOT EXISTS (SELECT FROM access a WHERE a.user_account_id = entered_user()
                AND a.provider_account_id = wanted.id
                                   AND a.status = 'approved')) THEN
    PERFORM refuse(422, 'no_access', 'One of these provider accounts is not yours.', 'provider_account_ids');
  END IF;
  IF EXISTS (SELECT FROM access a WHERE a.user_account_id = entered_user()
    AND a.provider_account_id = ANY (p_provider_account_ids)
                AND a.status = 'approved' AND NOT p_functions <@ a.functions) THEN
    PERFORM refuse(422, 'no_access',
      'You do not have all of these functions for all of these provider accounts. A token cannot have more rights than you.',
        'functions');
  END IF;
  new_secret := token_new();
  -- The beginning, "cnx_" and four characters, is enough to tell tokens apart and useless for guessing one.
  INSERT INTO token (user_account_id, name, secret_hash, beginning, functions, expires_at)
  VALUES (entered_user(), p_name, secret_hash(new_secret), left(new_secret, 8), p_functions,
    (p_expires_on + 1)::timestamp AT TIME ZONE setting_text('time_zone'))
  RETURNING token_id INTO made;
  INSERT INTO token_provider_account (token_id, provider_account_id) SELECT made,
    id FROM unnest(p_provider_account_ids) AS wanted (id);
  PERFORM connex.subject('token', made);
  -- A replay returns the same token without its secret, which is shown only once and not stored.
  PERFORM reply_once(201, json_build_object('token_id', made::text, 'secret', NULL));
  RETURN QUERY SELECT made, new_secret;
END
$$;

CREATE OR REPLACE FUNCTION connex.token_revoke(p_token_id bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM demand_person();
  UPDATE token t SET revoked_at = coalesce(revoked_at, connex.now()) WHERE t.token_id = p_token_id
    AND t.user_account_id = entered_user();
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'You have no such token.');
  END IF;
END
$$;

-- The caller's tokens, without their secrets (schema Token).
CREATE OR REPLACE VIEW connex.token_mine WITH (security_invoker = true) AS
SELECT t.token_id, t.name, t.beginning, to_json(t.functions) AS functions,
       (SELECT coalesce(json_agg(json_build_object('provider_account_id', p.provider_account_id::text, 'name', p.name,
         'npi', p.npi, 'ptan', p.ptan) ORDER BY p.name), '[]')
          FROM connex.token_provider_account x JOIN connex.provider_account p USING (provider_account_id)
            WHERE x.token_id = t.token_id) AS provider_accounts,
       connex.iso(t.created_at) AS created_at, connex.iso(t.expires_at) AS expires_at, connex.iso(t.last_used_at) AS last_used_at,
       connex.iso(t.revoked_at) AS revoked_at
  FROM connex.token t
 WHERE t.user_account_id = connex.entered_user();
COMMENT ON VIEW connex.token_mine IS 'The tokens of the entered person, without their secrets.';
