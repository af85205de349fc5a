-- The clock and the settings, which every rule uses, and how a time is written.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The only clock that rules use. Tests move connex.clock.shift; only the owner may.
-- In PL/pgSQL, like every small function here that reads a table: its plan is kept, but an SQL function would be planned
-- again in each statement (PostgreSQL does not inline a function with a subquery).
CREATE OR REPLACE FUNCTION connex.now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN transaction_timestamp() + (SELECT shift FROM connex.clock);
END
$$;

CREATE OR REPLACE FUNCTION connex.today() RETURNS date LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN ((transaction_timestamp() + (SELECT shift FROM connex.clock))
          AT TIME ZONE (SELECT value FROM connex.setting WHERE name = 'time_zone'))::date;
END
$$;

CREATE OR REPLACE FUNCTION connex.setting_integer(p_name text) RETURNS integer LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT value::integer FROM connex.setting WHERE name = p_name);
END
$$;

CREATE OR REPLACE FUNCTION connex.setting_boolean(p_name text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT value::boolean FROM connex.setting WHERE name = p_name);
END
$$;

CREATE OR REPLACE FUNCTION connex.setting_text(p_name text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT value FROM connex.setting WHERE name = p_name);
END
$$;

-- Records every change of a setting in the audit trail, even one made in psql. session_user is who logged in, whatever SET ROLE
-- did after that.
CREATE OR REPLACE FUNCTION connex.setting_told() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  INSERT INTO audit.event (action, detail)
  VALUES ('setting_changed', jsonb_build_object('name', new.name, 'old', old.value, 'new', new.value, 'by', session_user));
  RETURN NULL;
END
$$;

-- How a time is written everywhere in the API: RFC 3339, UTC, whole seconds. STABLE, as to_char() is, so that PostgreSQL
-- inlines it.
CREATE OR REPLACE FUNCTION connex.iso(p_at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
