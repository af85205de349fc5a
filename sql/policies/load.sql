-- What the loader may read and change.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.load_finding ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.load_finding TO connex_loader;
CREATE POLICY loader ON connex.load_finding TO connex_loader USING (true) WITH CHECK (true);

ALTER TABLE connex.load_run ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.load_run TO connex_loader;
CREATE POLICY loader ON connex.load_run TO connex_loader USING (true) WITH CHECK (true);

GRANT EXECUTE ON FUNCTION connex.claim_status_of_clp, connex.identifier, connex.load_begin, connex.load_beneficiaries,
    connex.load_adjudications, connex.load_claim_findings, connex.load_claim_keys, connex.load_counts, connex.load_coverage,
    connex.load_days_kept, connex.load_known_claims, connex.load_new_claims, connex.load_payee, connex.load_people,
    connex.load_remittance_row, connex.load_end, connex.load_findings, connex.load_payments, connex.load_provider_accounts,
    connex.load_refuse, connex.load_remittance, connex.load_same_key, connex.system_of_claim TO connex_loader;

-- The loader inserts into tables whose numbers come from sequences.
GRANT USAGE ON ALL SEQUENCES IN SCHEMA connex TO connex_loader;
