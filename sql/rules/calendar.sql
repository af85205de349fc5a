-- Days, deadlines, and time zones, as text and as numbers.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- A time in the form used in mail.
CREATE OR REPLACE FUNCTION connex.spoken_instant(p_at timestamptz, p_time_zone text) RETURNS text
  LANGUAGE sql STABLE SET search_path = connex, pg_temp
  RETURN to_char(p_at AT TIME ZONE p_time_zone, 'FMMonth FMDD, YYYY, FMHH12:MI AM') || ' (' || p_time_zone || ')';

-- Whether this is the IANA name of a time zone. The operating system's list has more: copies under other names, and
-- "Factory", the zone of a clock that nobody has set.
CREATE OR REPLACE FUNCTION connex.is_time_zone(p_name text) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN p_name NOT IN ('Factory', 'localtime', 'posixrules') AND p_name !~ '^(posix|right)/'
         AND EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = p_name);
END
$$;

-- The last day of a kind of deadline that runs from the day p_from, and the rule it comes from: the number of days in force
-- on that day, plus the days within which a notice is presumed received. A last day on a weekend is kept: no rule moves it.
CREATE OR REPLACE FUNCTION connex.deadline(p_kind text, p_from date) RETURNS TABLE (deadline_on date, rule text)
  LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  SELECT p_from + r.days + r.presumed_receipt_days, r.citation INTO deadline_on, rule FROM connex.deadline_rule r
   WHERE r.kind = p_kind AND r.effective_on <= p_from ORDER BY r.effective_on DESC LIMIT 1;
  IF FOUND THEN
    RETURN NEXT;
  END IF;
END
$$;

-- A date as people write it. Values that programs read stay YYYY-MM-DD.
CREATE OR REPLACE FUNCTION connex.spoken_day(p_on date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN to_char(p_on, 'MM/DD/YYYY');
