-- What needs attention, for the home page. Each area has its own attention_<area>(), which reads a limited number of rows
-- and uses the user's own rights.
-- SPDX-License-Identifier: Apache-2.0

-- What needs attention across all provider accounts of the entered person or token, in the order of the page. Add the
-- function of a new area here.
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
