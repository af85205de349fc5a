-- Eligibility: which person may be shown, and what an office should know.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The letters of a name that are compared: the first six, without blanks, hyphens, apostrophes, and accents (portal 2.3).
CREATE OR REPLACE FUNCTION connex.name_key(p_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN nullif(left(regexp_replace(upper(normalize(p_name, NFD)), '[^A-Z]', '', 'g'), 6), '');

-- Whether the last name on record and the one that was said are the same by these letters. Most people write it as it stands on
-- record, apart from case: that is tried first, because it saves 4 us of a lookup.
CREATE OR REPLACE FUNCTION connex.same_last_name(p_kept text, p_said text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (upper(p_kept COLLATE "C") = upper(p_said COLLATE "C") AND ascii(upper(p_said COLLATE "C")) BETWEEN 65 AND 90) -- A to Z
         OR connex.name_key(p_kept) = connex.name_key(p_said);

-- The same for the first letter of the first name.
CREATE OR REPLACE FUNCTION connex.same_initial(p_kept text, p_said text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (upper(left(p_kept, 1) COLLATE "C") = upper(left(p_said, 1) COLLATE "C")
          AND ascii(upper(p_said COLLATE "C")) BETWEEN 65 AND 90)
         OR left(connex.name_key(p_kept), 1) = left(connex.name_key(p_said), 1);

-- Demands that the entered person made fewer lookups than this in the last hour. Alone, because a statement pays for preparing a
-- subquery even where it does not need it.
CREATE OR REPLACE FUNCTION connex.eligibility_demand_hourly(p_most integer) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = connex, pg_temp AS $$
BEGIN
  IF (SELECT count(*) FROM audit.event e
       WHERE e.user_account_id = entered_user() AND e.action = 'eligibility_lookup'
         AND e.at > clock_timestamp() - interval '1 hour') >= p_most THEN
    PERFORM refuse(429, 'too_many_lookups',
                   format('You made %s eligibility lookups in the last hour. Try again later.', p_most), '600');
  END IF;
END
$$;

-- Finds the one person whose number, names, and birth date all match, and makes only that person visible to this transaction
-- (policies "office"). Otherwise it returns one neutral reason like those of a 271 and nobody: it does not say what did not
-- match, because that would help someone guess. If the number has ended, it gives the end date, because the caller knew
-- everything else. One query reads what every lookup needs. The seal is checked once.
CREATE OR REPLACE FUNCTION connex.eligibility_person(p_mbi text, p_last_name text, p_first_name text, p_birth_on date, p_on date)
  RETURNS TABLE (asked_on date, reason_code text, reason_words text, mbi text, mbi_ended_on date, last_name text,
    first_name text, birth_on date, death_on date, sex text, city text, state text, as_of timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  today date;
  hourly integer;
  who bigint;
  kept text;
  parts text[] := string_to_array(entered(), ' '); -- as connex.seal() wrote them
BEGIN
  IF parts[4] IS DISTINCT FROM 'eligibility' THEN
    PERFORM refuse(403, 'no_access', 'You can check eligibility only for provider accounts that you may use.');
  END IF;
  SELECT ((transaction_timestamp() + k.shift) AT TIME ZONE z.value)::date, h.value::integer, b.beneficiary_id,
         m.mbi, m.ended_on, b.last_name, b.first_name, b.birth_on, b.death_on, b.sex, b.city, b.state, b.as_of
    INTO today, hourly, who, mbi, mbi_ended_on, last_name, first_name, birth_on, death_on, sex, city, state, as_of
    FROM clock k
    JOIN setting z ON z.name = 'time_zone'
    JOIN setting h ON h.name = 'eligibility_lookups_per_hour'
    LEFT JOIN (beneficiary_mbi m JOIN beneficiary b ON b.beneficiary_id = m.beneficiary_id) ON m.mbi = p_mbi;
  asked_on := coalesce(p_on, today);
  IF asked_on <> today AND (asked_on < today - make_interval(years => setting_integer('eligibility_years_back'))
     OR asked_on > today + make_interval(months => setting_integer('eligibility_months_ahead'))) THEN
    PERFORM refuse(422, 'out_of_range', format('Choose a date from %s years ago to %s months from now.',
      setting_integer('eligibility_years_back'), setting_integer('eligibility_months_ahead')), 'on');
  END IF;
  IF hourly > 0 THEN
    PERFORM eligibility_demand_hourly(hourly);
  END IF;

  IF birth_on = p_birth_on AND same_last_name(last_name, p_last_name) AND same_initial(first_name, p_first_name) THEN
    kept := subject('beneficiary', who);
    IF mbi_ended_on IS NULL OR mbi_ended_on >= asked_on THEN
      parts[6] := who;
      kept := seal_text(array_to_string(parts, ' '));
      RETURN NEXT;
      RETURN;
    END IF;
    reason_code := '72';
    reason_words := format('This Medicare number ended on %s. Ask the patient for the new card.', spoken_day(mbi_ended_on));
  ELSE
    reason_code := '75';
    reason_words := 'No one in the records matches this Medicare number, name, and date of birth together. Compare them with '
      'the card: the first six letters of the last name, the first initial, and the whole number.';
  END IF;
  RETURN QUERY SELECT asked_on, reason_code, reason_words, NULL::text, NULL::date, NULL::text, NULL::text, NULL::date,
                      NULL::date, NULL::text, NULL::text, NULL::text, NULL::timestamptz; -- and nobody
END
$$;
