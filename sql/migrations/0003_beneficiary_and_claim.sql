-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Beneficiaries with coverage; claims and remittances, partitioned by month.
CREATE TABLE connex.beneficiary (
  beneficiary_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_key text NOT NULL UNIQUE,               -- the contractor's own key of the person; the first MBI when it has none
  last_name text NOT NULL, first_name text NOT NULL,
  birth_on date NOT NULL, death_on date,
  sex text CHECK (sex IN ('F','M','U')),
  street text, city text, state text, zip text,
  as_of timestamptz NOT NULL DEFAULT connex.now(),
  load_run_id bigint REFERENCES connex.load_run
);
-- An MBI may be replaced: history is kept, the old number answers with its end date.
CREATE TABLE connex.beneficiary_mbi (
  mbi text PRIMARY KEY CHECK (mbi ~ '^[0-9A-Z]{11}$'),
  beneficiary_id bigint NOT NULL REFERENCES connex.beneficiary,
  effective_on date, ended_on date,
  findings text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX beneficiary_mbi_by_person ON connex.beneficiary_mbi (beneficiary_id);

CREATE TABLE connex.coverage_kind (
  kind text PRIMARY KEY, words text NOT NULL, ordinal integer NOT NULL,
  overlap_allowed boolean NOT NULL
);
INSERT INTO connex.coverage_kind (kind, words, ordinal, overlap_allowed) VALUES
  ('part_a', 'Part A entitlement', 1, false), ('part_b', 'Part B entitlement', 2, false),
  ('part_b_deductible', 'Part B deductible', 3, false), ('part_a_deductible', 'Part A deductible', 4, false),
  ('medicare_advantage', 'Medicare Advantage', 5, false), ('part_d', 'Part D', 6, false),
  ('msp', 'Medicare Secondary Payer', 7, true), ('qmb', 'Qualified Medicare Beneficiary', 8, false),
  ('hospice', 'Hospice', 9, false), ('home_health', 'Home health', 10, false), ('esrd', 'End-stage renal disease', 11, false);
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE connex.coverage (
  coverage_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  beneficiary_id bigint NOT NULL REFERENCES connex.beneficiary,
  kind text NOT NULL REFERENCES connex.coverage_kind,
  period daterange NOT NULL CHECK (NOT isempty(period)),
  amount numeric(12,2), remaining numeric(12,2),   -- of a deductible
  payer_name text,                                 -- plan or insurer
  payer_id text,                                   -- contract or plan number
  policy text,
  detail text,                                     -- plan type, MSP type, reason
  phone text,
  as_of timestamptz NOT NULL DEFAULT connex.now(),
  load_run_id bigint REFERENCES connex.load_run,
  UNIQUE NULLS NOT DISTINCT (beneficiary_id, kind, period, payer_id),
  EXCLUDE USING gist (beneficiary_id WITH =, kind WITH =, period WITH &&) WHERE (kind <> 'msp')
);
CREATE INDEX coverage_by_person ON connex.coverage (beneficiary_id, kind);

-- Codes of X12 lists with words of our own. An unknown code is kept and shown as it came.
CREATE TABLE connex.reason_code (
  list text NOT NULL CHECK (list IN ('group','CARC','RARC')),
  code text NOT NULL,
  words text NOT NULL,
  effective_on date, ended_on date,
  PRIMARY KEY (list, code)
);
GRANT SELECT ON connex.reason_code, connex.coverage_kind, connex.contractor TO connex_app, connex_reader, connex_jobs;

-- Months of keys: the high bits of a claim_id are its month since January 2000, so that one number finds its
-- partition (a claim's own page is one index probe, however many months there are).
CREATE SEQUENCE connex.claim_serial AS bigint MAXVALUE 1099511627775;
CREATE FUNCTION connex.claim_month(p_on date) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN greatest(0, (extract(year FROM p_on)::bigint - 2000) * 12 + extract(month FROM p_on)::bigint - 1);
CREATE FUNCTION connex.claim_id_new(p_on date) RETURNS bigint LANGUAGE sql VOLATILE
  RETURN (connex.claim_month(p_on) << 40) + nextval('connex.claim_serial');

CREATE TABLE connex.remittance (
  remittance_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_account_id bigint REFERENCES connex.provider_account,   -- null: no account of ours matches the payee
  contractor_no text,
  payer_name text, payer_id text,
  payee_name text, payee_npi text, payee_tin text,
  payment_number text NOT NULL,                   -- X12 835 TRN02
  method text,                                    -- BPR04 ACH, CHK, NON...
  amount numeric(14,2) NOT NULL,                  -- BPR02
  credit boolean NOT NULL DEFAULT true,           -- BPR03 C/D
  paid_on date,                                   -- BPR16
  produced_on date,                               -- DTM*405
  balanced boolean NOT NULL,
  difference numeric(14,2) NOT NULL DEFAULT 0,    -- BPR02 - (sum CLP04 - sum PLB)
  claim_count integer NOT NULL DEFAULT 0,
  findings text[] NOT NULL DEFAULT '{}',
  sender text NOT NULL, interchange_control text NOT NULL, group_control text NOT NULL, transaction_control text NOT NULL,
  sha256 bytea NOT NULL,
  supplement jsonb,                               -- further REF, PER and the TS3/TS2 totals, by segment
  raw text,                                       -- the segments outside claims as they came, for audit
  load_run_id bigint REFERENCES connex.load_run,
  loaded_at timestamptz NOT NULL DEFAULT connex.now(),
  UNIQUE (sender, interchange_control, group_control, transaction_control, sha256)
);
CREATE INDEX remittance_by_account ON connex.remittance (provider_account_id, paid_on DESC, remittance_id DESC);
CREATE INDEX remittance_by_number ON connex.remittance (payment_number);
CREATE INDEX remittance_by_paid_on ON connex.remittance (paid_on);
CREATE INDEX remittance_unbalanced ON connex.remittance (remittance_id) WHERE NOT balanced;

CREATE TABLE connex.provider_adjustment (         -- PLB
  remittance_id bigint NOT NULL REFERENCES connex.remittance ON DELETE CASCADE,
  adjustment_no integer NOT NULL,
  provider_id text NOT NULL, fiscal_on date,
  reason_code text NOT NULL, reference text,
  amount numeric(14,2) NOT NULL,                  -- positive reduces the payment
  PRIMARY KEY (remittance_id, adjustment_no)
);

-- Which claim a control number is. A DCN alone is not unique; this is the key that CMS itself uses.
CREATE TABLE connex.claim_key (
  contractor_no text NOT NULL,
  system text NOT NULL CHECK (system IN ('fiss','mcs','vms','other')),
  control_no text NOT NULL,
  claim_id bigint NOT NULL,
  PRIMARY KEY (contractor_no, system, control_no)
);

CREATE TABLE connex.claim (
  claim_id bigint NOT NULL,
  contractor_no text NOT NULL,
  system text NOT NULL,
  control_no text NOT NULL,                       -- ICN or DCN, CLP07
  provider_account_id bigint,
  beneficiary_id bigint,
  mbi text, patient_last_name text, patient_first_name text,     -- as the claim said
  patient_control_no text,                        -- CLP01
  line_of_business text,
  status text NOT NULL CHECK (status IN ('received','pending','suspended','returned','paid','denied','rejected','reversed')),
  status_on date,
  received_on date,
  from_on date, through_on date,
  finalized_on date,                              -- the notice: the remittance's date
  charge numeric(12,2) NOT NULL DEFAULT 0,
  paid numeric(12,2) NOT NULL DEFAULT 0,
  patient_responsibility numeric(12,2) NOT NULL DEFAULT 0,
  bill_type text, facility text, drg text,
  diagnoses text[] NOT NULL DEFAULT '{}',
  remittance_id bigint,
  last_adjudication_no integer NOT NULL DEFAULT 0, -- 0: not adjudicated yet
  findings text[] NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (claim_id)
) PARTITION BY RANGE (claim_id);
CREATE INDEX claim_by_service ON connex.claim (provider_account_id, from_on DESC, claim_id DESC);
CREATE INDEX claim_by_patient ON connex.claim (provider_account_id, mbi, from_on DESC, claim_id DESC);
CREATE INDEX claim_by_control ON connex.claim (provider_account_id, control_no);
CREATE INDEX claim_by_status ON connex.claim (provider_account_id, status, from_on DESC, claim_id DESC);

-- One row for each CLP of a remittance, as it came. A reversal (CLP02 22) and its correction are further rows.
CREATE TABLE connex.adjudication (
  claim_id bigint NOT NULL,
  adjudication_no integer NOT NULL,
  provider_account_id bigint,
  remittance_id bigint,
  clp_status text NOT NULL,                       -- CLP02
  reverses_no integer,                            -- the adjudication this one takes back
  charge numeric(12,2) NOT NULL, paid numeric(12,2) NOT NULL,
  patient_responsibility numeric(12,2),
  filing_indicator text, facility text, frequency text, drg text,
  patient_control_no text,
  from_on date, through_on date, received_on date,
  corrected_mbi text,                             -- NM1*74
  crossover_payer text,                           -- NM1*TT
  remark_codes text[] NOT NULL DEFAULT '{}',      -- MIA, MOA
  rendering_provider_id text,                     -- NM1*82
  insured_id text,                                -- NM1*IL
  corrected_payer text,                           -- NM1*PR
  coverage_expires_on date,                       -- DTM*036
  supplement jsonb,                               -- REF, AMT, QTY, MIA, MOA by segment and qualifier
  findings text[] NOT NULL DEFAULT '{}',
  raw text,                                       -- the claim's segments as they came, for audit
  balanced boolean NOT NULL DEFAULT true,         -- CLP03 - adjustments = CLP04
  adjudicated_on date,
  PRIMARY KEY (claim_id, adjudication_no)
) PARTITION BY RANGE (claim_id);
CREATE INDEX adjudication_by_remittance ON connex.adjudication (remittance_id);

CREATE TABLE connex.claim_line (
  claim_id bigint NOT NULL,
  adjudication_no integer NOT NULL,               -- 0: as submitted
  line_no integer NOT NULL,
  provider_account_id bigint,
  procedure_code text, modifiers text[] NOT NULL DEFAULT '{}',
  revenue_code text, units numeric(12,3),
  from_on date, through_on date,
  charge numeric(12,2) NOT NULL, allowed numeric(12,2), paid numeric(12,2),
  submitted_procedure_code text,                  -- SVC06
  line_control_no text,                           -- REF*6R
  place_of_service text,
  remark_codes text[] NOT NULL DEFAULT '{}',      -- LQ*HE
  supplement jsonb,                               -- REF, AMT, QTY by segment and qualifier
  PRIMARY KEY (claim_id, adjudication_no, line_no)
) PARTITION BY RANGE (claim_id);

CREATE TABLE connex.claim_adjustment (            -- CAS
  claim_id bigint NOT NULL,
  adjudication_no integer NOT NULL,
  line_no integer NOT NULL,                       -- 0: of the whole claim
  adjustment_no integer NOT NULL,
  provider_account_id bigint,
  group_code text NOT NULL, reason_code text NOT NULL,
  amount numeric(12,2) NOT NULL, quantity numeric(12,3),
  PRIMARY KEY (claim_id, adjudication_no, line_no, adjustment_no)
) PARTITION BY RANGE (claim_id);

-- Redeterminations (42 CFR 405.940 ff.). Levels 2 to 5 will be rows too.
CREATE TABLE connex.deadline_rule (
  kind text NOT NULL, effective_on date NOT NULL,
  days integer NOT NULL, presumed_receipt_days integer NOT NULL DEFAULT 0,
  citation text NOT NULL,
  PRIMARY KEY (kind, effective_on)
);
INSERT INTO connex.deadline_rule VALUES
  ('redetermination', '2000-01-01', 120, 5, '42 CFR 405.942(a)'),
  ('redetermination_decision', '2000-01-01', 60, 0, '42 CFR 405.950(a)');
GRANT SELECT ON connex.deadline_rule TO connex_app, connex_reader, connex_jobs;

CREATE SEQUENCE connex.appeal_serial AS bigint;
CREATE TABLE connex.appeal (
  appeal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  confirmation_no text NOT NULL UNIQUE,
  kind text NOT NULL DEFAULT 'redetermination' CHECK (kind IN ('redetermination')),
  level integer NOT NULL DEFAULT 1 CHECK (level BETWEEN 1 AND 5),
  claim_id bigint NOT NULL,
  provider_account_id bigint NOT NULL REFERENCES connex.provider_account,
  contractor_no text NOT NULL,
  status text NOT NULL DEFAULT 'received' CHECK (status IN ('received','in_review','decided','dismissed','withdrawn')),
  outcome text CHECK (outcome IN ('fully_favorable','partially_favorable','unfavorable','dismissed')),
  line_nos integer[] NOT NULL DEFAULT '{}',       -- empty: the whole claim
  requester_name text NOT NULL, requester_phone text NOT NULL,
  reason text NOT NULL, additional_information text,
  late_reason text,                               -- good cause, 42 CFR 405.942(b)
  filed_at timestamptz NOT NULL DEFAULT connex.now(),
  filed_by bigint NOT NULL REFERENCES connex.user_account,
  token_id bigint REFERENCES connex.token,
  notice_on date NOT NULL, deadline_on date NOT NULL, decision_due_on date NOT NULL,
  assigned_to bigint REFERENCES connex.user_account,
  decided_at timestamptz, decided_by bigint REFERENCES connex.user_account,
  rationale text,
  version integer NOT NULL DEFAULT 1,
  CHECK ((status IN ('decided','dismissed')) = (decided_at IS NOT NULL)),
  CHECK ((status IN ('decided','dismissed')) = (outcome IS NOT NULL))
);
-- One redetermination for each claim: a second is refused by the database, whoever asks and how often (portal 3.2, 10).
CREATE UNIQUE INDEX appeal_one_for_claim ON connex.appeal (claim_id, level) WHERE status <> 'withdrawn';
CREATE INDEX appeal_by_account ON connex.appeal (provider_account_id, appeal_id DESC);
CREATE INDEX appeal_open ON connex.appeal (decision_due_on, appeal_id) WHERE status IN ('received','in_review');

CREATE TABLE connex.appeal_event (
  appeal_id bigint NOT NULL REFERENCES connex.appeal ON DELETE CASCADE,
  event_no integer NOT NULL,
  at timestamptz NOT NULL DEFAULT connex.now(),
  user_account_id bigint REFERENCES connex.user_account,
  action text NOT NULL CHECK (action IN ('filed','taken','noted','decided','dismissed','withdrawn')),
  words text,
  PRIMARY KEY (appeal_id, event_no)
);

-- Evidence. Kept in the database in pieces: in the same transaction as its receipt, replicated and backed up with it.
CREATE TABLE connex.attachment (
  attachment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_account_id bigint NOT NULL REFERENCES connex.provider_account,
  uploaded_by bigint NOT NULL REFERENCES connex.user_account,
  appeal_id bigint REFERENCES connex.appeal,
  file_name text NOT NULL, media_type text NOT NULL,
  bytes bigint NOT NULL CHECK (bytes > 0), pages integer,
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
  created_at timestamptz NOT NULL DEFAULT connex.now()
);
CREATE INDEX attachment_by_appeal ON connex.attachment (appeal_id);
CREATE INDEX attachment_unused ON connex.attachment (created_at) WHERE appeal_id IS NULL;
CREATE TABLE connex.attachment_piece (
  attachment_id bigint NOT NULL REFERENCES connex.attachment ON DELETE CASCADE,
  piece_no integer NOT NULL,
  content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 1048576),
  PRIMARY KEY (attachment_id, piece_no)
);
ALTER TABLE connex.attachment_piece ALTER COLUMN content SET STORAGE EXTERNAL;   -- PDFs and images do not compress

-- migrate:down
