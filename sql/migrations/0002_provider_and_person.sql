-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- The contractor, its provider accounts, and the people who use the portal.
CREATE TABLE connex.contractor (
  contractor_no text PRIMARY KEY CHECK (contractor_no ~ '^[0-9]{5}$'),
  name text NOT NULL,
  jurisdiction text NOT NULL,
  line_of_business text NOT NULL CHECK (line_of_business IN ('part_a','part_b','hhh')),
  street text, city text, state text, zip text, phone text
);
COMMENT ON TABLE connex.contractor IS 'A Medicare contractor number: one workload of one jurisdiction.';

-- Every file or run that brought rows in. A wrong load is found, and later undone, by it.
CREATE TABLE connex.load_run (
  load_run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('835','provider-accounts','payments','beneficiaries','demonstration')),
  file_name text NOT NULL,
  sha256 bytea,
  bytes bigint,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running','clean','findings','failed')),
  accepted bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  flagged bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE TABLE connex.load_finding (
  load_run_id bigint NOT NULL REFERENCES connex.load_run ON DELETE CASCADE,
  finding_no integer NOT NULL,
  severity text NOT NULL CHECK (severity IN ('flagged','refused')),
  place text NOT NULL,                       -- "row 17", "segment 42"
  code text NOT NULL,                        -- TA1/999 code or our own stable word
  words text NOT NULL,
  PRIMARY KEY (load_run_id, finding_no)
);

CREATE TABLE connex.provider_account (
  provider_account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contractor_no text NOT NULL REFERENCES connex.contractor,
  npi text NOT NULL CHECK (npi ~ '^[0-9]{10}$'),
  ptan text NOT NULL CHECK (ptan ~ '^[0-9A-Z]{4,13}$'),
  tin text NOT NULL CHECK (tin ~ '^[0-9]{9}$'),
  name text NOT NULL,
  line_of_business text NOT NULL CHECK (line_of_business IN ('part_a','part_b','hhh')),
  state text NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
  physical_street text, physical_city text, physical_state text, physical_zip text,
  billing_street text, billing_city text, billing_state text, billing_zip text,
  phone text,
  csn text UNIQUE CHECK (csn ~ '^[0-9A-Z]{8,12}$'),      -- LSO-05, LSO-07: made when the access code is entered
  findings text[] NOT NULL DEFAULT '{}',                 -- accepted with a flag, e.g. {npi_check_digit}
  effective_on date, ended_on date,
  load_run_id bigint REFERENCES connex.load_run,
  UNIQUE (contractor_no, npi, ptan, tin)
);
CREATE INDEX provider_account_npi ON connex.provider_account (npi, ptan);
CREATE INDEX provider_account_ptan ON connex.provider_account (ptan);
CREATE INDEX provider_account_tin ON connex.provider_account (tin);
COMMENT ON TABLE connex.provider_account IS 'One relationship of PTAN, NPI and TIN with a contractor; the CSN names it.';

-- Checks and EFTs of the last months: what a Local Security Officer proves himself with (LSO-03).
CREATE TABLE connex.payment (
  payment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contractor_no text NOT NULL REFERENCES connex.contractor,
  provider_account_id bigint NOT NULL REFERENCES connex.provider_account,
  payment_number text NOT NULL CHECK (payment_number ~ '^[0-9A-Z-]{1,30}$'),
  method text NOT NULL CHECK (method IN ('check','eft')),
  amount numeric(12,2) NOT NULL CHECK (amount >= 0),
  issued_on date NOT NULL,
  load_run_id bigint REFERENCES connex.load_run,
  UNIQUE (contractor_no, payment_number, provider_account_id)
);
CREATE INDEX payment_by_account ON connex.payment (provider_account_id, issued_on DESC);

CREATE TABLE connex.user_account (
  user_account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id text NOT NULL UNIQUE CHECK (user_id ~ '^[A-Z]{4}[0-9]{3}$'),   -- REG-02, REG-03
  kind text NOT NULL DEFAULT 'office' CHECK (kind IN ('office','analyst')),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active','suspended','terminated')),
  first_name text NOT NULL, last_name text NOT NULL,
  job_role text NOT NULL,                                                -- the "Role" list of the form
  email text NOT NULL,
  email_verified_at timestamptz,
  email_updates boolean NOT NULL DEFAULT true,                           -- REG-09
  work_phone text, mobile_phone text, mobile_carrier text,
  time_zone text NOT NULL DEFAULT 'America/New_York',
  last_login_at timestamptz, previous_login_at timestamptz,
  failures_since_login integer NOT NULL DEFAULT 0, previous_failures integer NOT NULL DEFAULT 0,   -- AC-9
  last_provider_account_id bigint REFERENCES connex.provider_account,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT connex.now()
);
CREATE UNIQUE INDEX user_account_email ON connex.user_account (lower(email));   -- REG-05, SHR-01

-- Secrets stand apart: no role but the owner reads these tables, functions do.
CREATE TABLE connex.credential (
  user_account_id bigint PRIMARY KEY REFERENCES connex.user_account ON DELETE CASCADE,
  password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
  changed_at timestamptz NOT NULL DEFAULT connex.now(),
  temporary boolean NOT NULL DEFAULT false                               -- PWD-03
);
CREATE TABLE connex.former_password (
  user_account_id bigint NOT NULL REFERENCES connex.user_account ON DELETE CASCADE,
  replaced_at timestamptz NOT NULL DEFAULT connex.now(),
  password_hash text NOT NULL
);
CREATE INDEX former_password_by_user ON connex.former_password (user_account_id, replaced_at DESC);

-- Failures of user IDs, known or not (LOCK-06): unknown ones "lock" alike.
CREATE TABLE connex.login_guard (
  user_id text PRIMARY KEY,
  failures timestamptz[] NOT NULL DEFAULT '{}',
  in_a_row integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  long_lock boolean NOT NULL DEFAULT false
);

CREATE TABLE connex.session (
  session_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  secret_hash bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
  user_account_id bigint NOT NULL REFERENCES connex.user_account ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT connex.now(),
  last_seen_at timestamptz NOT NULL DEFAULT connex.now(),
  ends_at timestamptz NOT NULL,
  second_factor_at timestamptz,                                          -- MFA-01: null until the code was right
  address inet, user_agent text
);
CREATE INDEX session_by_user ON connex.session (user_account_id);

-- One living code for each person and purpose; a new one replaces the old (MFA-04, EML-02).
CREATE TABLE connex.mailed_code (
  user_account_id bigint NOT NULL REFERENCES connex.user_account ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('email','login','password')),
  code_hash bytea NOT NULL,                                              -- HMAC-SHA256, key outside the database
  sent_at timestamptz NOT NULL DEFAULT connex.now(),
  expires_at timestamptz NOT NULL,
  wrong_tries integer NOT NULL DEFAULT 0,
  used_at timestamptz,
  PRIMARY KEY (user_account_id, purpose)
);
CREATE TABLE connex.mailed_code_count (                                  -- FGT-03: codes in an hour
  user_account_id bigint NOT NULL REFERENCES connex.user_account ON DELETE CASCADE,
  purpose text NOT NULL, sent_at timestamptz NOT NULL DEFAULT connex.now()
);
CREATE INDEX mailed_code_count_by_user ON connex.mailed_code_count (user_account_id, purpose, sent_at);

CREATE TABLE connex.agreement (
  agreement_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('attestation')),
  version integer NOT NULL,
  title text NOT NULL,
  paragraphs text[] NOT NULL,
  effective_at timestamptz NOT NULL DEFAULT connex.now(),
  UNIQUE (kind, version)
);
CREATE TABLE connex.agreement_acceptance (
  user_account_id bigint NOT NULL REFERENCES connex.user_account ON DELETE CASCADE,
  agreement_id integer NOT NULL REFERENCES connex.agreement,
  accepted_at timestamptz NOT NULL DEFAULT connex.now(),
  PRIMARY KEY (user_account_id, agreement_id)
);
INSERT INTO connex.agreement (kind, version, title, paragraphs) VALUES ('attestation', 1, 'Attestation', ARRAY[
  'You are about to use an information system that holds records of Medicare beneficiaries. It is provided for authorized use only.',
  'Unauthorized or improper use of this system is prohibited and may lead to disciplinary action and to civil and criminal penalties.',
  'Use of this system is monitored, recorded and subject to audit. You have no expectation of privacy in what you do here.',
  'By using this system you consent to this monitoring and recording. You use it only for the providers you are authorized to act for, and you share your account with nobody.']);

-- Access: who may do what for which provider account.
CREATE TABLE connex.access (
  access_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_account_id bigint NOT NULL REFERENCES connex.user_account,
  provider_account_id bigint NOT NULL REFERENCES connex.provider_account,
  status text NOT NULL DEFAULT 'requested' CHECK (status IN ('requested','awaiting_code','approved','declined','removed')),
  lso_requested boolean NOT NULL DEFAULT false,
  functions_requested text[] NOT NULL DEFAULT '{}',
  lso boolean NOT NULL DEFAULT false,
  functions text[] NOT NULL DEFAULT '{}',
  payment_id bigint REFERENCES connex.payment,                           -- LSO-03: the proof
  comment text,
  decided_by bigint REFERENCES connex.user_account,
  decided_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT connex.now(),
  updated_at timestamptz NOT NULL DEFAULT connex.now(),
  version integer NOT NULL DEFAULT 1,
  CHECK (functions <@ ARRAY['provider_profile','claims','eligibility','financials']),
  CHECK (functions_requested <@ ARRAY['provider_profile','claims','eligibility','financials']),
  CHECK (status = 'approved' OR (NOT lso AND functions = '{}'))          -- rights exist only while approved (LSO-11, LSO-13)
);
CREATE UNIQUE INDEX access_one_living ON connex.access (user_account_id, provider_account_id)
  WHERE status IN ('requested','awaiting_code','approved');
CREATE INDEX access_by_account ON connex.access (provider_account_id, status, access_id);
CREATE INDEX access_requested_lso ON connex.access (created_at, access_id) WHERE status = 'requested' AND lso_requested;

CREATE TABLE connex.access_event (
  access_id bigint NOT NULL REFERENCES connex.access ON DELETE CASCADE,
  event_no integer NOT NULL,
  at timestamptz NOT NULL DEFAULT connex.now(),
  user_account_id bigint REFERENCES connex.user_account,
  action text NOT NULL CHECK (action IN ('requested','approved','declined','modified','removed','code_mailed','activated')),
  functions text[] NOT NULL DEFAULT '{}',
  lso boolean NOT NULL DEFAULT false,
  comment text,
  PRIMARY KEY (access_id, event_no)
);

CREATE TABLE connex.access_code (
  access_id bigint PRIMARY KEY REFERENCES connex.access ON DELETE CASCADE,
  code_hash bytea NOT NULL,                                              -- LSO-06: hashed, single use
  created_at timestamptz NOT NULL DEFAULT connex.now(),
  expires_at timestamptz NOT NULL,
  wrong_tries integer NOT NULL DEFAULT 0,
  used_at timestamptz
);

-- Letters to be printed and posted. `secret` holds the code until the PDF is made, then it is wiped (LSO-04).
CREATE TABLE connex.letter (
  letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('access_code')),
  provider_account_id bigint NOT NULL REFERENCES connex.provider_account,
  access_id bigint REFERENCES connex.access,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued','rendered','printed','failed')),
  secret text,
  expires_on date,
  pdf bytea,
  created_at timestamptz NOT NULL DEFAULT connex.now(),
  rendered_at timestamptz, printed_at timestamptz,
  CHECK (status IN ('queued','failed') OR secret IS NULL),
  CHECK ((status IN ('rendered','printed')) = (pdf IS NOT NULL))
);
CREATE INDEX letter_waiting ON connex.letter (letter_id) WHERE status IN ('queued','rendered');

-- A script's token: shown once, kept as a hash, for chosen functions and provider accounts.
CREATE TABLE connex.token (
  token_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_account_id bigint NOT NULL REFERENCES connex.user_account ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  secret_hash bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
  beginning text NOT NULL,                                               -- the first characters, to tell tokens apart
  functions text[] NOT NULL CHECK (functions <> '{}' AND functions <@ ARRAY['provider_profile','claims','eligibility','financials']),
  created_at timestamptz NOT NULL DEFAULT connex.now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  last_used_at timestamptz
);
CREATE INDEX token_by_user ON connex.token (user_account_id, token_id);
CREATE TABLE connex.token_provider_account (
  token_id bigint NOT NULL REFERENCES connex.token ON DELETE CASCADE,
  provider_account_id bigint NOT NULL REFERENCES connex.provider_account,
  PRIMARY KEY (token_id, provider_account_id)
);

-- Idempotency-Key: the same key and body give the same answer again, another body gives 422.
CREATE TABLE connex.idempotency (
  user_account_id bigint NOT NULL REFERENCES connex.user_account ON DELETE CASCADE,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 300),
  body_hash bytea NOT NULL,
  status integer,
  reply json,
  created_at timestamptz NOT NULL DEFAULT connex.now(),
  PRIMARY KEY (user_account_id, key)
);
CREATE INDEX idempotency_age ON connex.idempotency (created_at);

-- migrate:down
