-- Words of a claim's codes that are not a loaded list. Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- X12 835 CLP02, in words of our own. A code that we do not know is shown as it came.
CREATE OR REPLACE FUNCTION connex.clp_status_words(p_status text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE p_status
    WHEN '1' THEN 'Processed as primary' WHEN '2' THEN 'Processed as secondary' WHEN '3' THEN 'Processed as tertiary'
    WHEN '4' THEN 'Denied'
    WHEN '19' THEN 'Processed as primary, sent on to another payer' WHEN '20' THEN 'Processed as secondary, sent on to another payer'
    WHEN '21' THEN 'Processed as tertiary, sent on to another payer'
    WHEN '22' THEN 'Reversal of an earlier payment' WHEN '23' THEN 'Not our claim, sent on to another payer'
    WHEN '25' THEN 'Estimate only, no payment' ELSE 'Status ' || p_status END;
GRANT EXECUTE ON FUNCTION connex.clp_status_words(text) TO connex_reader, connex_app;
