-- A DBA's reports: every view in schema report and nothing else. The views run with their owner's rights, so the report role
-- needs no rights to any table. Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

GRANT USAGE ON SCHEMA report TO connex_report;
GRANT SELECT ON ALL TABLES IN SCHEMA report TO connex_report;
GRANT EXECUTE ON FUNCTION report.masked, report.now, report.today, report.appeal_right TO connex_report;
