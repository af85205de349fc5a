-- Eligibility: which person may be shown, and what an office should know.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The letters of a name that are compared: the first six, without blanks, hyphens, apostrophes, and accents (portal 2.3).
CREATE OR REPLACE FUNCTION connex.name_key(p_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN nullif(left(regexp_replace(upper(normalize(p_name, NFD)), '[^A-Z]', '', 'g'), 6), '');

-- What an office should know about one coverage that is active on the day asked about, or null. A QMB's deductible is nothing
-- to collect, because the patient does not have to pay it.
CREATE OR REPLACE FUNCTION connex.eligibility_alert(p_coverage connex.coverage, p_name text, p_on date, p_is_qmb boolean)
  RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  CASE p_coverage.kind
    WHEN 'medicare_advantage' THEN
      RETURN format('In a Medicare Advantage plan on %s: %s. Bill the plan, not Medicare.', connex.spoken_day(p_on),
                    concat_ws(', ', p_coverage.payer_name, p_coverage.payer_id));
    WHEN 'msp' THEN
      RETURN format('Another insurer pays first: %s.',
                    concat_ws(', ', coalesce(p_coverage.payer_name, 'not named'), p_coverage.detail));
    WHEN 'qmb' THEN
      RETURN 'Qualified Medicare Beneficiary: do not bill the patient for Medicare''s deductible, coinsurance or copayment.';
    WHEN 'hospice' THEN
      RETURN format('In hospice care since %s: the hospice bills for care of the terminal illness.',
                    connex.spoken_day(lower(p_coverage.period)));
    WHEN 'home_health' THEN
      RETURN format('In a home health episode since %s: the home health agency bills for much of the care.',
                    connex.spoken_day(lower(p_coverage.period)));
    WHEN 'part_a_deductible', 'part_b_deductible' THEN
      IF p_coverage.remaining > 0 AND NOT p_is_qmb THEN
        RETURN format('$%s of the %s is left.', p_coverage.remaining, p_name);
      END IF;
    ELSE NULL;
  END CASE;
  RETURN NULL;
END
$$;

-- What an office should know before it treats or bills the patient; order it by all columns, most important first. Only
-- eligibility_find() calls it; it is granted to no role. A loop, because PostgreSQL prepares every expression of a query,
-- even for words that hardly anyone is told.
CREATE OR REPLACE FUNCTION connex.eligibility_alerts(p_beneficiary bigint, p_death_on date, p_on date)
  RETURNS TABLE (ordinal integer, kind text, words text) LANGUAGE plpgsql STABLE AS $$
DECLARE
  one record;
  missing text[] := '{part_a,part_b}';
  is_qmb boolean := false;
BEGIN
  IF p_death_on IS NOT NULL THEN
    RETURN QUERY SELECT 1, 'death', format('The records show that the patient died on %s.', connex.spoken_day(p_death_on));
  END IF;
  FOR one IN SELECT c AS coverage, c.kind, k.words AS name, k.alert_ordinal AS place
               FROM connex.coverage c JOIN connex.coverage_kind k ON k.kind = c.kind
              WHERE c.beneficiary_id = p_beneficiary AND c.period @> p_on
              ORDER BY c.kind = 'qmb' DESC LOOP   -- it decides on the deductibles
    IF one.kind IN ('part_a', 'part_b') THEN
      missing := array_remove(missing, one.kind);
    ELSIF one.place IS NOT NULL THEN
      is_qmb := is_qmb OR one.kind = 'qmb';
      words := connex.eligibility_alert(one.coverage, one.name, p_on, is_qmb);
      IF words IS NOT NULL THEN
        ordinal := one.place;
        kind := one.kind;
        RETURN NEXT;
      END IF;
    END IF;
  END LOOP;
  IF missing <> '{}' THEN
    RETURN QUERY SELECT k.alert_ordinal, k.kind, format('No %s on %s.', k.words, connex.spoken_day(p_on))
                   FROM connex.coverage_kind k WHERE k.kind = ANY (missing);
  END IF;
END
$$;

-- Finds the one person whose number, names, and birth date all match, and makes only that person visible to this transaction
-- (policies "office"). Otherwise it returns one neutral reason like those of a 271 and nobody: it does not say what did not
-- match, because that would help someone guess. If the number has ended, it gives the end date, because the caller knew
-- everything else. The alerts come with it, because it knows the person and the day.
CREATE OR REPLACE FUNCTION connex.eligibility_find(p_mbi text, p_last_name text, p_first_name text, p_birth_on date, p_on date)
  RETURNS TABLE (asked_on date, reason_code text, reason_words text, mbi text, mbi_ended_on date, last_name text,
    first_name text, birth_on date, death_on date, sex text, city text, state text, as_of timestamptz, alerts json)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  today date := connex.today();
  hourly integer := setting_integer('eligibility_lookups_per_hour');
  who bigint;
  ended_on date;
BEGIN
  asked_on := coalesce(p_on, today);
  alerts := '[]';
  IF entered_right() <> 'eligibility' THEN
    PERFORM refuse(403, 'no_access', 'You can check eligibility only for provider accounts that you may use.');
  END IF;
  IF asked_on <> today AND (asked_on < today - make_interval(years => setting_integer('eligibility_years_back'))
     OR asked_on > today + make_interval(months => setting_integer('eligibility_months_ahead'))) THEN
    PERFORM refuse(422, 'out_of_range', format('Choose a date from %s years ago to %s months from now.',
      setting_integer('eligibility_years_back'), setting_integer('eligibility_months_ahead')), 'on');
  END IF;
  IF hourly > 0 AND (SELECT count(*) FROM audit.event e
                      WHERE e.user_account_id = entered_user() AND e.action = 'eligibility_lookup'
                        AND e.at > clock_timestamp() - interval '1 hour') >= hourly THEN
    PERFORM refuse(429, 'too_many_lookups',
                   format('You made %s eligibility lookups in the last hour. Try again later.', hourly), '600');
  END IF;

  SELECT b.beneficiary_id, m.ended_on, b.last_name, b.first_name, b.birth_on, b.death_on, b.sex, b.city, b.state, b.as_of
    INTO who, ended_on, last_name, first_name, birth_on, death_on, sex, city, state, as_of
    FROM beneficiary_mbi m JOIN beneficiary b ON b.beneficiary_id = m.beneficiary_id
   WHERE m.mbi = p_mbi AND b.birth_on = p_birth_on AND name_key(b.last_name) = name_key(p_last_name)
     AND left(name_key(b.first_name), 1) = left(name_key(p_first_name), 1);
  IF who IS NOT NULL AND (ended_on IS NULL OR ended_on >= asked_on) THEN
    mbi := p_mbi;
    mbi_ended_on := ended_on;
    alerts := (SELECT coalesce(json_agg(json_build_object('kind', a.kind, 'words', a.words)
                                        ORDER BY a.ordinal, a.kind, a.words), '[]')
                 FROM eligibility_alerts(who, death_on, asked_on) a);
    PERFORM connex.subject('beneficiary', who), seal_beneficiary(who);
    RETURN NEXT;
    RETURN;
  END IF;
  IF who IS NULL THEN
    reason_code := '75';
    reason_words := 'No one in the records matches this Medicare number, name, and date of birth together. Compare them with '
      'the card: the first six letters of the last name, the first initial, and the whole number.';
  ELSE
    reason_code := '72';
    reason_words := format('This Medicare number ended on %s. Ask the patient for the new card.', spoken_day(ended_on));
    PERFORM connex.subject('beneficiary', who);
  END IF;
  RETURN QUERY SELECT asked_on, reason_code, reason_words, NULL::text, NULL::date, NULL::text, NULL::text, NULL::date,
                      NULL::date, NULL::text, NULL::text, NULL::text, NULL::timestamptz, alerts; -- and nobody
END
$$;
