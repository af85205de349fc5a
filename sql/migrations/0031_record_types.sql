-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Records that functions pass instead of long lists of parameters. jsonb_populate_record() fills them from the body of a
-- request, so their attributes have the names of the contract's fields.
CREATE TYPE connex.access_wanted AS (
  lso boolean, npi text, ptan text, tin_last5 text, line_of_business text, state text, functions text[],
  check_number text, check_amount numeric, csn text);
COMMENT ON TYPE connex.access_wanted IS 'A request for access, by the field names of the contract.';

CREATE TYPE connex.new_account AS (
  user_id text, first_name text, last_name text, job_role text, email text, work_phone text, mobile_phone text,
  mobile_carrier text, email_updates boolean, time_zone text, attestation_version integer);
COMMENT ON TYPE connex.new_account IS 'A person''s account, by the field names of the contract.';

CREATE TYPE connex.attention_item AS (
  kind text, count integer, words text, due_on date, provider_account_id bigint, provider_account_name text, subject_id bigint);
COMMENT ON TYPE connex.attention_item IS 'One line of the home page: what needs attention, how many, and where.';

-- Its result changed: the rules create it anew.
DROP FUNCTION IF EXISTS connex.attention();

-- migrate:down
