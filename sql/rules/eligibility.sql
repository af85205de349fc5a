-- Eligibility: which person may be shown, and what an office should know.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The letters of a name that are compared: the first six, without blanks, hyphens, apostrophes, and accents (portal 2.3).
CREATE OR REPLACE FUNCTION connex.name_key(p_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN nullif(left(regexp_replace(upper(normalize(p_name, NFD)), '[^A-Z]', '', 'g'), 6), '');

-- Finds the one person whose number, names, and birth date all match, and makes only that person visible to this
-- transaction (policies "matched"). Returns NULL if found. Otherwise it returns the whole answer, with one neutral reason
-- like those of a 271: it does not say what did not match, because that would help someone guess. If the number has ended,
-- the answer gives the end date, because the caller knew everything else.
CREATE OR REPLACE FUNCTION connex.eligibility_match(p_mbi text, p_last_name text, p_first_name text, p_birth_on date,
  p_on date)
  RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  today date := connex.today();
  asked_on date := coalesce(p_on, today);
  hourly integer := setting_integer('eligibility_lookups_per_hour');
  person record;
  reason json;
BEGIN
  IF entered_right() <> 'eligibility' THEN
    PERFORM refuse(403, 'no_access', 'You can check eligibility only for provider accounts that you may use.');
  END IF;
  IF asked_on <> today AND (asked_on < today - make_interval(years => setting_integer('eligibility_years_back'))
     OR asked_on > today + make_interval(months => setting_integer('eligibility_months_ahead'))) THEN
    PERFORM refuse(422, 'out_of_range', format('Choose a date from %s years ago to %s months from now.',
      setting_integer('eligibility_years_back'), setting_integer('eligibility_months_ahead')), 'on');
  END IF;
  IF hourly > 0 AND (SELECT count(*) FROM audit.event e WHERE e.user_account_id = entered_user()
    AND e.action = 'eligibility_lookup'
                        AND e.at > clock_timestamp() - interval '1 hour') >= hourly THEN
    PERFORM refuse(429, 'too_many_lookups',
                   format('You made %s eligibility lookups in the last hour. Try again later.', hourly), '600');
  END IF;

  SELECT b.beneficiary_id, m.ended_on INTO person
    FROM beneficiary_mbi m JOIN beneficiary b ON b.beneficiary_id = m.beneficiary_id
   WHERE m.mbi = p_mbi AND b.birth_on = p_birth_on
     AND name_key(b.last_name) = name_key(p_last_name) AND left(name_key(b.first_name), 1) = left(name_key(p_first_name),
       1);
  IF NOT FOUND THEN
    reason := json_build_object('code', '75', 'words',
      'No one in the records matches this Medicare number, name, and date of birth together. Compare them with the card: the '
        'first six letters of the last name, the first initial, and the whole number.');
  ELSE
    PERFORM connex.subject('beneficiary', person.beneficiary_id);
    IF person.ended_on < asked_on THEN
      reason := json_build_object('code', '72', 'words',
        format('This Medicare number ended on %s. Ask the patient for the new card.', spoken_day(person.ended_on)));
    END IF;
  END IF;
  IF reason IS NOT NULL THEN
    RETURN json_build_object('found', false, 'on', asked_on, 'reason', reason, 'beneficiary', NULL, 'alerts', '[]'::json,
                             'coverage', '[]'::json, 'as_of', NULL);
  END IF;
  PERFORM seal_beneficiary(person.beneficiary_id);
  RETURN NULL;
END
$$;

-- What an office should know before it treats or bills a patient, most important first. A QMB's deductible is not shown,
-- because the patient does not have to pay it.
CREATE OR REPLACE FUNCTION connex.eligibility_alerts(p_on date) RETURNS TABLE (ordinal integer, kind text, words text)
  LANGUAGE sql STABLE AS $$
  WITH active AS MATERIALIZED (
    SELECT c.* FROM connex.coverage c WHERE c.beneficiary_id = connex.entered_beneficiary() AND c.period @> p_on
  )
  SELECT 1, 'death', format('The records show that the patient died on %s.', connex.spoken_day(b.death_on))
    FROM connex.beneficiary b WHERE b.beneficiary_id = connex.entered_beneficiary() AND b.death_on IS NOT NULL
  UNION ALL
  SELECT 2, k.kind, format('No %s on %s.', k.words, connex.spoken_day(p_on))
    FROM connex.coverage_kind k WHERE k.kind IN ('part_a', 'part_b') AND NOT EXISTS (SELECT FROM active a
      WHERE a.kind = k.kind)
  UNION ALL
  SELECT 3, a.kind, format('In a Medicare Advantage plan on %s: %s. Bill the plan, not Medicare.', connex.spoken_day(p_on),
                           concat_ws(', ', a.payer_name, a.payer_id))
    FROM active a WHERE a.kind = 'medicare_advantage'
  UNION ALL
  SELECT 4, a.kind, format('Another insurer pays first: %s.', concat_ws(', ', coalesce(a.payer_name, 'not named'),
    a.detail))
    FROM active a WHERE a.kind = 'msp'
  UNION ALL
  SELECT 5, a.kind, 'Qualified Medicare Beneficiary: do not bill the patient for Medicare''s deductible, coinsurance or '
    'copayment.'
    FROM active a WHERE a.kind = 'qmb'
  UNION ALL
  SELECT 6, a.kind, format('In hospice care since %s: the hospice bills for care of the terminal illness.',
    connex.spoken_day(lower(a.period)))
    FROM active a WHERE a.kind = 'hospice'
  UNION ALL
  SELECT 7, a.kind, format('In a home health episode since %s: the home health agency bills for much of the care.',
    connex.spoken_day(lower(a.period)))
    FROM active a WHERE a.kind = 'home_health'
  UNION ALL
  SELECT 8, a.kind, format('$%s of the %s is left.', a.remaining, k.words)
    FROM active a JOIN connex.coverage_kind k ON k.kind = a.kind
   WHERE a.kind IN ('part_a_deductible', 'part_b_deductible') AND a.remaining > 0 AND NOT EXISTS (SELECT FROM active q
     WHERE q.kind = 'qmb')
   ORDER BY 1, 2, 3
$$;
