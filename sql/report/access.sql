-- Who can see what. User IDs are masked: a DBA needs the number and kind of accounts, not names.
-- SPDX-License-Identifier: Apache-2.0

-- Shows a person without a name: part of the user ID, and asterisks. This is enough to follow one person through a report.
CREATE OR REPLACE FUNCTION report.masked(p_user_id text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN left(p_user_id, 2) || '***' || right(p_user_id, 2);
COMMENT ON FUNCTION report.masked(text) IS 'A user ID masked: its first two and last two characters.';

CREATE OR REPLACE VIEW report.access_by_provider_account AS
SELECT a.provider_account_id, a.contractor_no, a.npi, a.ptan, a.name AS provider_name, a.line_of_business, a.state,
       a.csn IS NOT NULL AS active,
       report.masked(u.user_id) AS masked_user, x.status, x.lso,
       'provider_profile' = ANY (x.functions) AS provider_profile, 'claims' = ANY (x.functions) AS claims,
       'eligibility' = ANY (x.functions) AS eligibility, 'financials' = ANY (x.functions) AS financials,
       x.created_at AS requested_at, x.decided_at, u.last_login_at, u.status AS user_status
  FROM connex.access x
  JOIN connex.provider_account a ON a.provider_account_id = x.provider_account_id
  JOIN connex.user_account u ON u.user_account_id = x.user_account_id;
COMMENT ON VIEW report.access_by_provider_account IS 'Every person''s access and requests for every provider account, '
  'with masked user IDs.';
COMMENT ON COLUMN report.access_by_provider_account.provider_account_id IS 'The provider account''s number in Connex.';
COMMENT ON COLUMN report.access_by_provider_account.contractor_no IS 'The contractor number.';
COMMENT ON COLUMN report.access_by_provider_account.npi IS 'National Provider Identifier.';
COMMENT ON COLUMN report.access_by_provider_account.ptan IS 'The provider''s number with the contractor.';
COMMENT ON COLUMN report.access_by_provider_account.provider_name IS 'The provider''s name in the contractor''s records.';
COMMENT ON COLUMN report.access_by_provider_account.line_of_business IS 'part_a, part_b or hhh (home health and hospice).';
COMMENT ON COLUMN report.access_by_provider_account.state IS 'State of the practice.';
COMMENT ON COLUMN report.access_by_provider_account.active IS 'Whether the first Local Security Officer has entered the '
  'access code (LSO-05).';
COMMENT ON COLUMN report.access_by_provider_account.masked_user IS 'The person''s user ID, masked.';
COMMENT ON COLUMN report.access_by_provider_account.status IS 'requested, awaiting_code, approved, declined, removed.';
COMMENT ON COLUMN report.access_by_provider_account.lso IS 'Whether the person is a Local Security Officer of the account.';
COMMENT ON COLUMN report.access_by_provider_account.provider_profile IS 'Has the function Provider Profile.';
COMMENT ON COLUMN report.access_by_provider_account.claims IS 'Has the function Claims.';
COMMENT ON COLUMN report.access_by_provider_account.eligibility IS 'Has the function Eligibility.';
COMMENT ON COLUMN report.access_by_provider_account.financials IS 'Has the function Financials.';
COMMENT ON COLUMN report.access_by_provider_account.requested_at IS 'When access was requested.';
COMMENT ON COLUMN report.access_by_provider_account.decided_at IS 'When the request was last decided.';
COMMENT ON COLUMN report.access_by_provider_account.last_login_at IS 'When the person last logged in.';
COMMENT ON COLUMN report.access_by_provider_account.user_status IS 'active, suspended or terminated.';
