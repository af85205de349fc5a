-- What needs attention, for the home page. Each area has its own attention_<area>(), which reads a limited number of rows
-- and uses the user's own rights.
-- SPDX-License-Identifier: Apache-2.0

-- A number as home says it. What is counted is read up to 1,000 rows, so 1,000 means that there may be more.
CREATE OR REPLACE FUNCTION connex.counted(p_count bigint) RETURNS text
  LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN p_count < 1000 THEN p_count::text ELSE '1,000 or more' END;

CREATE OR REPLACE FUNCTION connex.counted(p_count bigint, p_one text, p_many text) RETURNS text
  LANGUAGE sql IMMUTABLE
  RETURN connex.counted(p_count) || ' ' || CASE p_count WHEN 1 THEN p_one ELSE p_many END;

-- The first items of one kind, and one more item for the rest, so that no list ends without saying what it leaves out. It
-- names the provider account if all the rest are there. Pass at most p_shown + 1000 items.
CREATE OR REPLACE FUNCTION connex.attention_first(p_items connex.attention_item[], p_shown integer, p_one text, p_many text)
  RETURNS SETOF connex.attention_item
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  SELECT i.* FROM unnest(p_items[1:p_shown]) i
  UNION ALL
  SELECT min(i.kind), count(*)::integer, counted(count(*), p_one, p_many), min(i.due_on),
         CASE count(DISTINCT i.provider_account_id) WHEN 1 THEN min(i.provider_account_id) END,
         CASE count(DISTINCT i.provider_account_id) WHEN 1 THEN min(i.provider_account_name) END, NULL
    FROM unnest(p_items[p_shown + 1:]) i HAVING count(*) > 0
$$;

-- What needs attention across all provider accounts of the entered person or token, in the order of the page. Add the
-- function of a new area here; scripts/lint finds one that is missing. They are named, and not read from the catalog,
-- because that would cost a plan for each on every call.
CREATE OR REPLACE FUNCTION connex.attention() RETURNS SETOF connex.attention_item
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  analyst boolean := EXISTS (SELECT FROM user_account u WHERE u.user_account_id = entered_user() AND u.kind = 'analyst');
BEGIN
  IF analyst AND entered_token() IS NOT NULL THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT * FROM attention_desk(analyst);
  RETURN QUERY SELECT * FROM attention_appeal(analyst);
  RETURN QUERY SELECT * FROM attention_access(analyst);
  RETURN QUERY SELECT * FROM attention_remittance(analyst);
END
$$;
