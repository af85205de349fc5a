-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- The workers keep the words of the codes, and ask with each claim whether theirs are still the right ones: this number.
CREATE TABLE connex.reason_code_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version bigint NOT NULL
);
COMMENT ON TABLE connex.reason_code_version IS 'Changes with connex.reason_code, so that programs that keep its words notice.';
COMMENT ON COLUMN connex.reason_code_version.only_row IS 'True: there is one row.';
COMMENT ON COLUMN connex.reason_code_version.version IS 'Counts the statements that changed the codes.';
INSERT INTO connex.reason_code_version (version) VALUES (1);

CREATE FUNCTION connex.reason_code_changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; -- sql/rules/claim.sql
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON connex.reason_code
  FOR EACH STATEMENT EXECUTE FUNCTION connex.reason_code_changed();

-- migrate:down
