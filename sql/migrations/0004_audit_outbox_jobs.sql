-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- The audit trail, mail, jobs, and the partitions of all that grows without end.
CREATE TABLE audit.event (
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  event_id bigint GENERATED ALWAYS AS IDENTITY,
  request_id text,
  user_account_id bigint,
  session_id bigint,
  token_id bigint,
  address inet,
  action text NOT NULL,
  provider_account_id bigint,
  subject_kind text,
  subject_id bigint,
  detail jsonb,
  PRIMARY KEY (at, event_id)
) PARTITION BY RANGE (at);
CREATE INDEX event_by_user ON audit.event (user_account_id, at DESC);
CREATE INDEX event_by_subject ON audit.event (subject_kind, subject_id, at DESC);
CREATE INDEX event_by_account ON audit.event (provider_account_id, at DESC);
COMMENT ON TABLE audit.event IS 'Who saw or did what, when, from where. Nobody updates or deletes; the owner drops whole months by the retention setting.';

-- Append-only for every role, the owner included: a month ends by DETACH, never by DELETE.
CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'CX403', MESSAGE = 'audit_is_append_only', DETAIL = 'Rows of the audit trail are never changed or deleted.';
END
$$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON audit.event FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON audit.event FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

CREATE TABLE connex.outbox (
  outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,                            -- template's name
  user_account_id bigint REFERENCES connex.user_account ON DELETE SET NULL,
  to_address text NOT NULL,
  subject text NOT NULL,
  body text,                                     -- wiped after sending when it holds a code, later otherwise
  holds_secret boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting','sent','failed')),
  tries integer NOT NULL DEFAULT 0,
  next_try_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at timestamptz,
  CHECK (state = 'sent' OR body IS NOT NULL)
);
CREATE INDEX outbox_waiting ON connex.outbox (next_try_at) WHERE state = 'waiting';

CREATE TABLE connex.job (
  job_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('letter')),
  subject_id bigint,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting','done','failed')),
  tries integer NOT NULL DEFAULT 0,
  run_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
CREATE INDEX job_waiting ON connex.job (run_at) WHERE state = 'waiting';

-- Words of every mail, the contractor's to edit. {name} is replaced; what is not given stays empty.
CREATE TABLE connex.mail_template (
  name text PRIMARY KEY, subject text NOT NULL, body text NOT NULL, holds_secret boolean NOT NULL DEFAULT false
);

-- Wake the jobs daemon; the same channel for mail and jobs.
CREATE FUNCTION connex.notify_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('connex_jobs', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER outbox_notify AFTER INSERT ON connex.outbox FOR EACH STATEMENT EXECUTE FUNCTION connex.notify_jobs();
CREATE TRIGGER job_notify AFTER INSERT ON connex.job FOR EACH STATEMENT EXECUTE FUNCTION connex.notify_jobs();

-- Makes the monthly partitions and the default ones. What runs today stands in sql/rules/partition.sql.
-- Idempotent; called by every migrate and daily by the jobs daemon.
CREATE FUNCTION connex.make_partitions() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  first_month date := date_trunc('month', now())::date - make_interval(months => setting_integer('partition_months_back'));
  last_month date := date_trunc('month', now())::date + make_interval(months => setting_integer('partition_months_ahead'));
  month date;
  parent text;
  made integer := 0;
  name text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('connex.make_partitions'));
  FOREACH parent IN ARRAY ARRAY['claim','adjudication','claim_line','claim_adjustment'] LOOP
    IF to_regclass(format('connex.%I', parent || '_default')) IS NULL THEN
      EXECUTE format('CREATE TABLE connex.%I PARTITION OF connex.%I DEFAULT', parent || '_default', parent);
      made := made + 1;
    END IF;
    month := first_month;
    WHILE month <= last_month LOOP
      name := parent || to_char(month, '"_"YYYYMM');
      IF to_regclass(format('connex.%I', name)) IS NULL THEN
        EXECUTE format('CREATE TABLE connex.%I PARTITION OF connex.%I FOR VALUES FROM (%s) TO (%s)',
                       name, parent, claim_month(month) << 40, claim_month((month + interval '1 month')::date) << 40);
        made := made + 1;
      END IF;
      month := month + interval '1 month';
    END LOOP;
  END LOOP;
  IF to_regclass('audit.event_default') IS NULL THEN
    CREATE TABLE audit.event_default PARTITION OF audit.event DEFAULT;
    made := made + 1;
  END IF;
  month := date_trunc('month', now())::date - interval '1 month';
  WHILE month <= last_month LOOP
    name := to_char(month, '"event_"YYYYMM');
    IF to_regclass(format('audit.%I', name)) IS NULL THEN
      EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.event FOR VALUES FROM (%L) TO (%L)', name, month, month + interval '1 month');
      made := made + 1;
    END IF;
    month := month + interval '1 month';
  END LOOP;
  RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION connex.make_partitions() TO connex_jobs;

-- migrate:down
