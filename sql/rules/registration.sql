-- Creating an account (REG-01 to REG-12).
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Everything that the database can say against a registration, all at once, before anything costs a hash.
CREATE OR REPLACE FUNCTION connex.registration_faults(p_user_id text, p_email text, p_attestation_version integer,
  p_time_zone text, p_lso boolean,
    p_npi text, p_ptan text, p_tin_last_five text, p_line_of_business text, p_state text, p_check_number text,
      p_check_amount numeric, p_csn text)
  RETURNS TABLE (field text, code text, message text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM user_account u WHERE u.user_id = p_user_id) THEN                                  -- REG-03
    RETURN QUERY SELECT 'user_id', 'taken', 'This User ID is taken. Choose another one: four letters and three digits.';
  END IF;
  IF EXISTS (SELECT FROM user_account u WHERE lower(u.email) = lower(p_email)) THEN                        -- REG-05, SHR-01
    RETURN QUERY SELECT 'email', 'taken',
      'Another account uses this e-mail address. Every person has an account and an address of their own; use "Can''t log '
        'in" when the account is yours.';
  END IF;
  -- REG-01
  IF p_attestation_version IS DISTINCT FROM (SELECT max(version) FROM agreement WHERE kind = 'attestation'
    AND effective_at <= connex.now()) THEN
    RETURN QUERY SELECT 'attestation_version', 'stale', 'The attestation has changed. Read and accept it again.';
  END IF;
  IF p_time_zone IS NOT NULL AND NOT is_time_zone(p_time_zone) THEN
    RETURN QUERY SELECT 'time_zone', 'time_zone', 'Choose a time zone from the list, for example America/New_York.';
  END IF;
  RETURN QUERY SELECT * FROM access_request_faults(NULL, p_lso, p_npi, p_ptan, p_tin_last_five, p_line_of_business, p_state,
    p_check_number, p_check_amount, p_csn);
END
$$;

-- Makes the account, the acceptance and the one request (REG-10, REG-11). Faults that arose meanwhile raise at their field.
CREATE OR REPLACE FUNCTION connex.registration_create(p_user_id text, p_password_hash text, p_first_name text,
  p_last_name text, p_job_role text,
    p_email text, p_work_phone text, p_mobile_phone text, p_mobile_carrier text, p_email_updates boolean, p_time_zone text,
      p_attestation_version integer,
    p_lso boolean, p_npi text, p_ptan text, p_tin_last_five text, p_line_of_business text, p_state text, p_functions text[],
    p_check_number text, p_check_amount numeric, p_csn text, p_request_id text, p_address inet)
  RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  fault record;
  made bigint;
  broken text;
BEGIN
  FOR fault IN SELECT * FROM registration_faults(p_user_id, p_email, p_attestation_version, p_time_zone, p_lso, p_npi,
    p_ptan, p_tin_last_five,
                                                 p_line_of_business, p_state, p_check_number, p_check_amount, p_csn) LOOP
    PERFORM refuse(422, fault.code, fault.message, fault.field);
  END LOOP;
  BEGIN
    INSERT INTO user_account (user_id, first_name, last_name, job_role, email, work_phone, mobile_phone, mobile_carrier,
      email_updates, time_zone)
    VALUES (p_user_id, p_first_name, p_last_name, p_job_role, p_email, p_work_phone, p_mobile_phone, p_mobile_carrier,
      coalesce(p_email_updates, true),
            coalesce(p_time_zone, setting_text('time_zone')))
    RETURNING user_account_id INTO made;
  -- the same registration twice at the same instant
  EXCEPTION WHEN unique_violation THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    IF broken = 'user_account_email' THEN
      PERFORM refuse(422, 'taken', 'Another account uses this e-mail address.', 'email');
    END IF;
    PERFORM refuse(422, 'taken', 'This User ID is taken. Choose another one: four letters and three digits.', 'user_id');
  END;
  INSERT INTO credential (user_account_id, password_hash) VALUES (made, p_password_hash);
  INSERT INTO agreement_acceptance (user_account_id, agreement_id)
  SELECT made, agreement_id FROM agreement WHERE kind = 'attestation' AND version = p_attestation_version;
  PERFORM access_request_make(made, access_account(p_npi, p_ptan, p_tin_last_five, p_line_of_business, p_state), p_lso,
    p_functions,
                              p_check_number, p_check_amount);
  PERFORM audit_outside('registration', made, p_request_id, p_address);
  RETURN made;
END
$$;
