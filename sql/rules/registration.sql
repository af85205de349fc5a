-- Creating an account (REG-01 to REG-12).
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Everything that the database finds wrong with a registration, all at once, before a password is hashed. p_registration has
-- the fields of the contract in canonical form.
CREATE OR REPLACE FUNCTION connex.registration_faults(p_registration jsonb)
  RETURNS TABLE (field text, code text, message text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  new new_account := jsonb_populate_record(NULL::connex.new_account, p_registration);
BEGIN
  IF EXISTS (SELECT FROM user_account u WHERE u.user_id = new.user_id) THEN                                -- REG-03
    RETURN QUERY SELECT 'user_id', 'taken', 'This User ID is taken. Choose another one, with four letters and three digits.';
  END IF;
  IF EXISTS (SELECT FROM user_account u WHERE lower(u.email) = lower(new.email)) THEN                      -- REG-05, SHR-01
    RETURN QUERY SELECT 'email', 'taken',
      'Another account uses this e-mail address. Every person must have an account and an address of their own. '
      'If that account is yours, use "Can''t log in".';
  END IF;
  IF new.attestation_version IS DISTINCT FROM (                                                            -- REG-01
       SELECT max(g.version) FROM agreement g WHERE g.kind = 'attestation' AND g.effective_at <= connex.now()) THEN
    RETURN QUERY SELECT 'attestation_version', 'stale', 'The attestation has changed. Read and accept it again.';
  END IF;
  IF new.time_zone IS NOT NULL AND NOT is_time_zone(new.time_zone) THEN
    RETURN QUERY SELECT 'time_zone', 'time_zone', 'Choose a time zone from the list, for example America/New_York.';
  END IF;
  RETURN QUERY SELECT * FROM access_request_faults(NULL, p_registration);
END
$$;

-- Makes the account, the acceptance, and the one request (REG-10, REG-11). Raises an error, with its field, if something has
-- become wrong in the meantime.
CREATE OR REPLACE FUNCTION connex.registration_create(p_registration jsonb, p_password_hash text, p_request_id text,
    p_address inet)

  RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  new new_account := jsonb_populate_record(NULL::connex.new_account, p_registration);
  fault record;
  made bigint;
  broken text;
BEGIN
  FOR fault IN SELECT * FROM registration_faults(p_registration) LOOP
    PERFORM refuse(422, fault.code, fault.message, fault.field);
  END LOOP;
  BEGIN
    INSERT INTO user_account (user_id, first_name, last_name, job_role, email, work_phone, mobile_phone, mobile_carrier,
                              email_updates, time_zone)
    VALUES (new.user_id, new.first_name, new.last_name, new.job_role, new.email, new.work_phone, new.mobile_phone,
            new.mobile_carrier, coalesce(new.email_updates, true), coalesce(new.time_zone, setting_text('time_zone')))
    RETURNING user_account_id INTO made;
  EXCEPTION WHEN unique_violation THEN                                   -- two such registrations at the same moment
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    IF broken = 'user_account_email' THEN
      PERFORM refuse(422, 'taken', 'Another account uses this e-mail address.', 'email');
    END IF;
    PERFORM refuse(422, 'taken', 'This User ID is taken. Choose another one, with four letters and three digits.', 'user_id');
  END;
  INSERT INTO credential (user_account_id, password_hash) VALUES (made, p_password_hash);
  INSERT INTO agreement_acceptance (user_account_id, agreement_id)
  SELECT made, g.agreement_id FROM agreement g WHERE g.kind = 'attestation' AND g.version = new.attestation_version;
  PERFORM access_request_make(made, p_registration);
  PERFORM audit_outside('registration', made, p_request_id, p_address);
  RETURN made;
END
$$;
