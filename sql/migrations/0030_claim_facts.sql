-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Functions whose results changed: the rules create them anew.
DROP FUNCTION IF EXISTS connex.claim_actions(bigint);
DROP FUNCTION IF EXISTS connex.claim_triage(bigint, text, numeric, date, integer[], text[], date[], boolean[], text[], boolean,
  boolean);

-- What is known of a claim, gathered once by connex.claim_facts() for its page, its triage, and filing.
CREATE TYPE connex.claim_facts AS (
  claim_id bigint,
  status text,
  paid numeric,
  finalized_on date,
  last_adjudication_no integer,
  -- The adjudications in the order of their days, since a remittance may be loaded late.
  adjudication_nos integer[],
  clp_statuses text[],
  adjudicated_on date[],
  said_ma130 boolean[],
  -- Of the last adjudication: its reasons (CARC), and what its lines said.
  reasons text[],
  line_ma130 boolean,
  line_n211 boolean,
  -- What the claim's page shows; null where it was not asked for.
  shown_adjudications json,
  shown_remarks text,
  shown_line_nos integer[],
  shown_adjustments json[],
  shown_lines json
);
COMMENT ON TYPE connex.claim_facts IS
  'What is known of a claim: connex.claim_facts() gathers it, connex.claim_triage() judges it.';
CREATE TYPE connex.claim_action AS (
  action text,          -- what can be done: wait, new_claim, redetermination, view_redetermination, reconsideration
  allowed boolean,      -- whether the portal accepts it now
  code text,            -- stable word of the reason, for programs
  words text,           -- the same for a person
  rule text,            -- the law or rule that says so
  notice_on date,       -- the date of the initial determination, from which the days run
  deadline_on date,     -- the last day
  days_left integer     -- below zero: the last day has passed, and good cause is needed (42 CFR 405.942(b))
);
COMMENT ON TYPE connex.claim_action IS 'What can be done about a claim, and why: a row of connex.claim_triage().';

-- Which files of sql/policies/ were applied last, and what the catalog looked like then: when neither has changed, migrate
-- leaves policies and grants alone, because to replace them locks every table for a moment.
CREATE TABLE connex.policy_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  files text NOT NULL,
  catalog text NOT NULL
);
COMMENT ON TABLE connex.policy_state IS 'The policies and grants that scripts/migrate applied last.';
COMMENT ON COLUMN connex.policy_state.only_row IS 'There is one row.';
COMMENT ON COLUMN connex.policy_state.files IS 'SHA-256 of the files of sql/policies/.';
COMMENT ON COLUMN connex.policy_state.catalog IS 'connex.policy_fingerprint() after they were applied.';

-- migrate:down
