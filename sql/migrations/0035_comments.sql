-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Every table and column says what it is, for a DBA in psql (\d+).
COMMENT ON TABLE connex.clock IS 'The only clock that rules read. Tests move it.';
COMMENT ON COLUMN connex.clock.only_row IS 'There is one row.';
COMMENT ON COLUMN connex.clock.shift IS 'How far the clock of the rules is from the real one.';

COMMENT ON COLUMN connex.setting.name IS 'Name.';
COMMENT ON COLUMN connex.setting.value IS 'The value in force.';
COMMENT ON COLUMN connex.setting.default_value IS 'The value as delivered.';
COMMENT ON COLUMN connex.setting.kind IS 'integer, boolean, text, or interval.';
COMMENT ON COLUMN connex.setting.documentation IS 'What it means.';
COMMENT ON COLUMN connex.setting.rule IS 'The rule that it serves.';
COMMENT ON COLUMN connex.setting.changed_at IS 'When it was last changed.';

COMMENT ON COLUMN connex.contractor.contractor_no IS 'Contractor number.';
COMMENT ON COLUMN connex.contractor.name IS 'Name.';
COMMENT ON COLUMN connex.contractor.jurisdiction IS 'Jurisdiction.';
COMMENT ON COLUMN connex.contractor.line_of_business IS 'part_a, part_b, or hhh (home health and hospice).';
COMMENT ON COLUMN connex.contractor.street IS 'Street.';
COMMENT ON COLUMN connex.contractor.city IS 'City.';
COMMENT ON COLUMN connex.contractor.state IS 'State.';
COMMENT ON COLUMN connex.contractor.zip IS 'ZIP code.';
COMMENT ON COLUMN connex.contractor.phone IS 'Telephone.';

COMMENT ON TABLE connex.load_run IS 'A file or run that brought rows in.';
COMMENT ON COLUMN connex.load_run.load_run_id IS 'The run.';
COMMENT ON COLUMN connex.load_run.kind IS '835, provider-accounts, payments, beneficiaries, or demonstration.';
COMMENT ON COLUMN connex.load_run.file_name IS 'Name of the file.';
COMMENT ON COLUMN connex.load_run.sha256 IS 'SHA-256 of the content.';
COMMENT ON COLUMN connex.load_run.bytes IS 'Size in bytes.';
COMMENT ON COLUMN connex.load_run.state IS 'running, clean, findings, or failed.';
COMMENT ON COLUMN connex.load_run.accepted IS 'Rows or claims that were taken.';
COMMENT ON COLUMN connex.load_run.unchanged IS 'Rows or claims that were there already.';
COMMENT ON COLUMN connex.load_run.flagged IS 'Taken with a finding.';
COMMENT ON COLUMN connex.load_run.refused IS 'Not taken.';
COMMENT ON COLUMN connex.load_run.started_at IS 'When it began.';
COMMENT ON COLUMN connex.load_run.finished_at IS 'When it ended; null while it runs.';

COMMENT ON TABLE connex.load_finding IS 'What a load said of its rows.';
COMMENT ON COLUMN connex.load_finding.load_run_id IS 'The run that brought the row in.';
COMMENT ON COLUMN connex.load_finding.finding_no IS 'Counts from 1.';
COMMENT ON COLUMN connex.load_finding.severity IS 'flagged or refused.';
COMMENT ON COLUMN connex.load_finding.place IS 'Where: "row 17", "segment 42".';
COMMENT ON COLUMN connex.load_finding.code IS 'Code of TA1 or 999, or a stable word.';
COMMENT ON COLUMN connex.load_finding.words IS 'In words.';

COMMENT ON COLUMN connex.provider_account.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.provider_account.contractor_no IS 'Contractor number.';
COMMENT ON COLUMN connex.provider_account.npi IS 'National Provider Identifier.';
COMMENT ON COLUMN connex.provider_account.ptan IS 'The provider''s number with the contractor.';
COMMENT ON COLUMN connex.provider_account.tin IS 'Tax identification number.';
COMMENT ON COLUMN connex.provider_account.name IS 'Name.';
COMMENT ON COLUMN connex.provider_account.line_of_business IS 'part_a, part_b, or hhh (home health and hospice).';
COMMENT ON COLUMN connex.provider_account.state IS 'State of the practice.';
COMMENT ON COLUMN connex.provider_account.physical_street IS 'Practice: street.';
COMMENT ON COLUMN connex.provider_account.physical_city IS 'Practice: city.';
COMMENT ON COLUMN connex.provider_account.physical_state IS 'Practice: state.';
COMMENT ON COLUMN connex.provider_account.physical_zip IS 'Practice: ZIP code.';
COMMENT ON COLUMN connex.provider_account.billing_street IS 'Billing: street.';
COMMENT ON COLUMN connex.provider_account.billing_city IS 'Billing: city.';
COMMENT ON COLUMN connex.provider_account.billing_state IS 'Billing: state.';
COMMENT ON COLUMN connex.provider_account.billing_zip IS 'Billing: ZIP code.';
COMMENT ON COLUMN connex.provider_account.phone IS 'Telephone.';
COMMENT ON COLUMN connex.provider_account.csn IS
  'Customer service number, made when the access code is entered (LSO-05, LSO-07).';
COMMENT ON COLUMN connex.provider_account.findings IS 'What was taken with a flag, by stable words.';
COMMENT ON COLUMN connex.provider_account.effective_on IS 'First day in force.';
COMMENT ON COLUMN connex.provider_account.ended_on IS 'Last day in force; null: still in force.';
COMMENT ON COLUMN connex.provider_account.load_run_id IS 'The run that brought the row in.';

COMMENT ON TABLE connex.payment IS
  'Checks and EFTs of the last months, with which a Local Security Officer proves himself (LSO-03).';
COMMENT ON COLUMN connex.payment.payment_id IS 'The payment.';
COMMENT ON COLUMN connex.payment.contractor_no IS 'Contractor number.';
COMMENT ON COLUMN connex.payment.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.payment.payment_number IS 'Number of the check or EFT.';
COMMENT ON COLUMN connex.payment.method IS 'check or eft.';
COMMENT ON COLUMN connex.payment.amount IS 'Amount.';
COMMENT ON COLUMN connex.payment.issued_on IS 'Day of issue.';
COMMENT ON COLUMN connex.payment.load_run_id IS 'The run that brought the row in.';

COMMENT ON TABLE connex.user_account IS 'People: of offices, and the contractor''s analysts.';
COMMENT ON COLUMN connex.user_account.user_account_id IS 'The person''s number.';
COMMENT ON COLUMN connex.user_account.user_id IS 'The user ID: four letters and three digits (REG-02).';
COMMENT ON COLUMN connex.user_account.kind IS 'office or analyst.';
COMMENT ON COLUMN connex.user_account.status IS 'active, suspended, or terminated.';
COMMENT ON COLUMN connex.user_account.first_name IS 'First name.';
COMMENT ON COLUMN connex.user_account.last_name IS 'Last name.';
COMMENT ON COLUMN connex.user_account.job_role IS 'Role, from the list of the form.';
COMMENT ON COLUMN connex.user_account.email IS 'E-mail address.';
COMMENT ON COLUMN connex.user_account.email_verified_at IS 'When the address was verified (EML-01); null: not yet.';
COMMENT ON COLUMN connex.user_account.email_updates IS 'Whether the person wants news by e-mail (REG-09).';
COMMENT ON COLUMN connex.user_account.work_phone IS 'Telephone at work.';
COMMENT ON COLUMN connex.user_account.mobile_phone IS 'Mobile telephone.';
COMMENT ON COLUMN connex.user_account.mobile_carrier IS 'Carrier of the mobile telephone.';
COMMENT ON COLUMN connex.user_account.time_zone IS 'Time zone of what the person reads.';
COMMENT ON COLUMN connex.user_account.last_login_at IS 'Last complete log-in.';
COMMENT ON COLUMN connex.user_account.previous_login_at IS 'The one before it (AC-9).';
COMMENT ON COLUMN connex.user_account.failures_since_login IS 'Failed log-ins since then.';
COMMENT ON COLUMN connex.user_account.previous_failures IS 'Failed log-ins before the last one (AC-9).';
COMMENT ON COLUMN connex.user_account.last_provider_account_id IS 'The provider account that stays chosen.';
COMMENT ON COLUMN connex.user_account.version IS 'Counts changes, for ETag and If-Match.';
COMMENT ON COLUMN connex.user_account.created_at IS 'When it was made.';

COMMENT ON TABLE connex.credential IS 'Passwords. No role but the owner reads this table; functions compare.';
COMMENT ON COLUMN connex.credential.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.credential.password_hash IS 'Argon2id hash of the password.';
COMMENT ON COLUMN connex.credential.changed_at IS 'When the password was set (PWD-01).';
COMMENT ON COLUMN connex.credential.temporary IS 'Whether it must change at first use (PWD-03).';

COMMENT ON TABLE connex.former_password IS 'Passwords that may not come back (PWD-04).';
COMMENT ON COLUMN connex.former_password.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.former_password.replaced_at IS 'When it was replaced.';
COMMENT ON COLUMN connex.former_password.password_hash IS 'Argon2id hash of the password.';

COMMENT ON TABLE connex.login_guard IS 'Failed log-ins of a user ID, known or not (LOCK-03 to LOCK-06).';
COMMENT ON COLUMN connex.login_guard.user_id IS 'The user ID that was typed.';
COMMENT ON COLUMN connex.login_guard.failures IS 'Failures within the window.';
COMMENT ON COLUMN connex.login_guard.in_a_row IS 'Failures since the last log-in.';
COMMENT ON COLUMN connex.login_guard.locked_until IS 'Until when it is locked.';
COMMENT ON COLUMN connex.login_guard.long_lock IS 'Whether it was tried while locked (LOCK-05).';

COMMENT ON TABLE connex.session IS 'Sessions of people.';
COMMENT ON COLUMN connex.session.session_id IS 'The session.';
COMMENT ON COLUMN connex.session.secret_hash IS 'SHA-256 of the secret, which is stored nowhere.';
COMMENT ON COLUMN connex.session.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.session.created_at IS 'When it was made.';
COMMENT ON COLUMN connex.session.last_seen_at IS 'Last request, written at most every 30 seconds.';
COMMENT ON COLUMN connex.session.ends_at IS 'When it ends, however busy.';
COMMENT ON COLUMN connex.session.second_factor_at IS 'When the code was right (MFA-01); null: not yet.';
COMMENT ON COLUMN connex.session.address IS 'Network address.';
COMMENT ON COLUMN connex.session.user_agent IS 'The browser''s own name.';

COMMENT ON TABLE connex.mailed_code IS 'The living code of a person and purpose.';
COMMENT ON COLUMN connex.mailed_code.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.mailed_code.purpose IS 'email, login, or password.';
COMMENT ON COLUMN connex.mailed_code.code_hash IS 'HMAC-SHA256 of the code. The key is outside the database.';
COMMENT ON COLUMN connex.mailed_code.sent_at IS 'When it was sent.';
COMMENT ON COLUMN connex.mailed_code.expires_at IS 'When it ends.';
COMMENT ON COLUMN connex.mailed_code.wrong_tries IS 'Wrong tries so far.';
COMMENT ON COLUMN connex.mailed_code.used_at IS 'When it was used; null: not yet.';

COMMENT ON TABLE connex.mailed_code_count IS 'Codes mailed, to count those of an hour (FGT-03).';
COMMENT ON COLUMN connex.mailed_code_count.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.mailed_code_count.purpose IS 'What the code is for.';
COMMENT ON COLUMN connex.mailed_code_count.sent_at IS 'When it was sent.';

COMMENT ON TABLE connex.agreement IS 'Texts that people accept, by version.';
COMMENT ON COLUMN connex.agreement.agreement_id IS 'The agreement.';
COMMENT ON COLUMN connex.agreement.kind IS 'attestation.';
COMMENT ON COLUMN connex.agreement.version IS 'Counts from 1 within the kind.';
COMMENT ON COLUMN connex.agreement.title IS 'Title.';
COMMENT ON COLUMN connex.agreement.paragraphs IS 'The text, paragraph by paragraph.';
COMMENT ON COLUMN connex.agreement.effective_at IS 'From when it must be accepted.';

COMMENT ON TABLE connex.agreement_acceptance IS 'Who accepted which agreement (REG-01).';
COMMENT ON COLUMN connex.agreement_acceptance.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.agreement_acceptance.agreement_id IS 'The agreement.';
COMMENT ON COLUMN connex.agreement_acceptance.accepted_at IS 'When it was accepted.';

COMMENT ON TABLE connex.access IS 'A person''s request or right for a provider account (LSO-01 to LSO-18).';
COMMENT ON COLUMN connex.access.access_id IS 'The request or right.';
COMMENT ON COLUMN connex.access.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.access.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.access.status IS 'requested, awaiting_code, approved, declined, or removed.';
COMMENT ON COLUMN connex.access.lso_requested IS 'Whether the person asked to become a Local Security Officer.';
COMMENT ON COLUMN connex.access.functions_requested IS 'Functions asked for.';
COMMENT ON COLUMN connex.access.lso IS 'Whether the person is a Local Security Officer.';
COMMENT ON COLUMN connex.access.functions IS 'Functions: provider_profile, claims, eligibility, financials.';
COMMENT ON COLUMN connex.access.payment_id IS 'The payment that proves a Local Security Officer (LSO-03).';
COMMENT ON COLUMN connex.access.comment IS 'Comment of the decision.';
COMMENT ON COLUMN connex.access.decided_by IS 'Who decided.';
COMMENT ON COLUMN connex.access.decided_at IS 'When it was decided.';
COMMENT ON COLUMN connex.access.created_at IS 'When it was made.';
COMMENT ON COLUMN connex.access.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN connex.access.version IS 'Counts changes, for ETag and If-Match.';

COMMENT ON TABLE connex.access_event IS 'History of a request or right, which never vanishes (LSO-12).';
COMMENT ON COLUMN connex.access_event.access_id IS 'The request or right.';
COMMENT ON COLUMN connex.access_event.event_no IS 'Counts from 1.';
COMMENT ON COLUMN connex.access_event.at IS 'When.';
COMMENT ON COLUMN connex.access_event.user_account_id IS 'Who did it; null: the system.';
COMMENT ON COLUMN connex.access_event.action IS 'What was done.';
COMMENT ON COLUMN connex.access_event.functions IS 'Functions after it.';
COMMENT ON COLUMN connex.access_event.lso IS 'Local Security Officer after it.';
COMMENT ON COLUMN connex.access_event.comment IS 'Comment given with it.';

COMMENT ON TABLE connex.access_code IS 'The code of an access-code letter (LSO-04 to LSO-06).';
COMMENT ON COLUMN connex.access_code.access_id IS 'The request or right.';
COMMENT ON COLUMN connex.access_code.code_hash IS 'HMAC-SHA256 of the code. The key is outside the database.';
COMMENT ON COLUMN connex.access_code.created_at IS 'When it was made.';
COMMENT ON COLUMN connex.access_code.expires_at IS 'When it ends.';
COMMENT ON COLUMN connex.access_code.wrong_tries IS 'Wrong tries so far.';
COMMENT ON COLUMN connex.access_code.used_at IS 'When it was used; null: not yet.';

COMMENT ON TABLE connex.letter IS 'Letters to print: access codes go by mail only (LSO-04).';
COMMENT ON COLUMN connex.letter.letter_id IS 'The letter.';
COMMENT ON COLUMN connex.letter.kind IS 'Kind.';
COMMENT ON COLUMN connex.letter.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.letter.access_id IS 'The request or right.';
COMMENT ON COLUMN connex.letter.status IS 'queued, rendered, printed, or failed.';
COMMENT ON COLUMN connex.letter.secret IS 'The code, until the PDF is made.';
COMMENT ON COLUMN connex.letter.expires_on IS 'Last day on which the code opens anything.';
COMMENT ON COLUMN connex.letter.pdf IS 'The PDF, until it is printed and its days are over.';
COMMENT ON COLUMN connex.letter.created_at IS 'When it was made.';
COMMENT ON COLUMN connex.letter.rendered_at IS 'When the PDF was made.';
COMMENT ON COLUMN connex.letter.printed_at IS 'When it went to the print shop.';

COMMENT ON TABLE connex.token IS 'Tokens of scripts: shown once, kept as a hash.';
COMMENT ON COLUMN connex.token.token_id IS 'The token.';
COMMENT ON COLUMN connex.token.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.token.name IS 'Name that the person gave.';
COMMENT ON COLUMN connex.token.secret_hash IS 'SHA-256 of the secret, which is stored nowhere.';
COMMENT ON COLUMN connex.token.beginning IS 'The first characters, to tell tokens apart.';
COMMENT ON COLUMN connex.token.functions IS 'Functions: provider_profile, claims, eligibility, financials.';
COMMENT ON COLUMN connex.token.created_at IS 'When it was made.';
COMMENT ON COLUMN connex.token.expires_at IS 'When it ends.';
COMMENT ON COLUMN connex.token.revoked_at IS 'When it was revoked.';
COMMENT ON COLUMN connex.token.last_used_at IS 'Last use, written at most every 60 seconds.';

COMMENT ON TABLE connex.token_provider_account IS 'Provider accounts of a token.';
COMMENT ON COLUMN connex.token_provider_account.token_id IS 'The token.';
COMMENT ON COLUMN connex.token_provider_account.provider_account_id IS 'The provider account.';

COMMENT ON TABLE connex.idempotency IS 'Idempotency-Keys with their replies.';
COMMENT ON COLUMN connex.idempotency.user_account_id IS 'The person.';
COMMENT ON COLUMN connex.idempotency.key IS 'The key.';
COMMENT ON COLUMN connex.idempotency.body_hash IS 'SHA-256 of the body.';
COMMENT ON COLUMN connex.idempotency.status IS 'HTTP status of the reply.';
COMMENT ON COLUMN connex.idempotency.reply IS 'The reply, which holds no secret.';
COMMENT ON COLUMN connex.idempotency.created_at IS 'When it was made.';

COMMENT ON TABLE connex.beneficiary IS 'A Medicare beneficiary, as a feed brought him or her in.';
COMMENT ON COLUMN connex.beneficiary.beneficiary_id IS 'The beneficiary.';
COMMENT ON COLUMN connex.beneficiary.source_key IS 'The contractor''s own key of the person; the first MBI when it has none.';
COMMENT ON COLUMN connex.beneficiary.last_name IS 'Last name.';
COMMENT ON COLUMN connex.beneficiary.first_name IS 'First name.';
COMMENT ON COLUMN connex.beneficiary.birth_on IS 'Date of birth.';
COMMENT ON COLUMN connex.beneficiary.death_on IS 'Date of death.';
COMMENT ON COLUMN connex.beneficiary.sex IS 'F, M, or U.';
COMMENT ON COLUMN connex.beneficiary.street IS 'Street.';
COMMENT ON COLUMN connex.beneficiary.city IS 'City.';
COMMENT ON COLUMN connex.beneficiary.state IS 'State.';
COMMENT ON COLUMN connex.beneficiary.zip IS 'ZIP code.';
COMMENT ON COLUMN connex.beneficiary.as_of IS 'When the source knew this.';
COMMENT ON COLUMN connex.beneficiary.load_run_id IS 'The run that brought the row in.';

COMMENT ON TABLE connex.beneficiary_mbi IS 'Medicare numbers of a beneficiary. An old number answers with its end date.';
COMMENT ON COLUMN connex.beneficiary_mbi.mbi IS 'Medicare Beneficiary Identifier.';
COMMENT ON COLUMN connex.beneficiary_mbi.beneficiary_id IS 'The beneficiary.';
COMMENT ON COLUMN connex.beneficiary_mbi.effective_on IS 'First day in force.';
COMMENT ON COLUMN connex.beneficiary_mbi.ended_on IS 'Last day in force; null: still in force.';
COMMENT ON COLUMN connex.beneficiary_mbi.findings IS 'What was taken with a flag, by stable words.';

COMMENT ON TABLE connex.coverage_kind IS 'Kinds of coverage in words.';
COMMENT ON COLUMN connex.coverage_kind.kind IS 'Kind.';
COMMENT ON COLUMN connex.coverage_kind.words IS 'In words.';
COMMENT ON COLUMN connex.coverage_kind.ordinal IS 'Order on the page.';
COMMENT ON COLUMN connex.coverage_kind.overlap_allowed IS 'Whether periods of this kind may overlap.';

COMMENT ON TABLE connex.coverage IS 'Coverage of a beneficiary by kind and period.';
COMMENT ON COLUMN connex.coverage.coverage_id IS 'The row.';
COMMENT ON COLUMN connex.coverage.beneficiary_id IS 'The beneficiary.';
COMMENT ON COLUMN connex.coverage.kind IS 'Kind of coverage (coverage_kind).';
COMMENT ON COLUMN connex.coverage.period IS 'First to last day.';
COMMENT ON COLUMN connex.coverage.amount IS 'Amount of a deductible.';
COMMENT ON COLUMN connex.coverage.remaining IS 'What is left of it.';
COMMENT ON COLUMN connex.coverage.payer_name IS 'Plan or insurer.';
COMMENT ON COLUMN connex.coverage.payer_id IS 'Contract or plan number.';
COMMENT ON COLUMN connex.coverage.policy IS 'Policy number.';
COMMENT ON COLUMN connex.coverage.detail IS 'Plan type, MSP type, or reason.';
COMMENT ON COLUMN connex.coverage.phone IS 'Telephone.';
COMMENT ON COLUMN connex.coverage.as_of IS 'When the source knew this.';
COMMENT ON COLUMN connex.coverage.load_run_id IS 'The run that brought the row in.';

COMMENT ON TABLE connex.reason_code IS 'Codes of X12 lists in words of our own.';
COMMENT ON COLUMN connex.reason_code.list IS 'group, CARC, or RARC.';
COMMENT ON COLUMN connex.reason_code.code IS 'Code.';
COMMENT ON COLUMN connex.reason_code.words IS 'In words.';
COMMENT ON COLUMN connex.reason_code.effective_on IS 'First day in force.';
COMMENT ON COLUMN connex.reason_code.ended_on IS 'Last day in force; null: still in force.';

COMMENT ON TABLE connex.remittance IS 'A remittance (835 transaction).';
COMMENT ON COLUMN connex.remittance.remittance_id IS 'The remittance.';
COMMENT ON COLUMN connex.remittance.provider_account_id IS 'The provider account; null: the payee is none of ours.';
COMMENT ON COLUMN connex.remittance.contractor_no IS 'Contractor number.';
COMMENT ON COLUMN connex.remittance.payer_name IS 'Name of the payer.';
COMMENT ON COLUMN connex.remittance.payer_id IS 'Identifier of the payer.';
COMMENT ON COLUMN connex.remittance.payee_name IS 'Name of the payee.';
COMMENT ON COLUMN connex.remittance.payee_npi IS 'NPI of the payee.';
COMMENT ON COLUMN connex.remittance.payee_tin IS 'TIN of the payee.';
COMMENT ON COLUMN connex.remittance.payment_number IS 'Number of the check or EFT (TRN02).';
COMMENT ON COLUMN connex.remittance.method IS 'How it was paid (BPR04): ACH, CHK, NON, and others.';
COMMENT ON COLUMN connex.remittance.amount IS 'Amount (BPR02).';
COMMENT ON COLUMN connex.remittance.credit IS 'Whether it is a payment; false: a debit (BPR03).';
COMMENT ON COLUMN connex.remittance.paid_on IS 'Day of the payment (BPR16).';
COMMENT ON COLUMN connex.remittance.produced_on IS 'Day of production (DTM*405).';
COMMENT ON COLUMN connex.remittance.balanced IS 'Whether the amounts add up.';
COMMENT ON COLUMN connex.remittance.difference IS 'By how much it does not balance: BPR02 - (sum of CLP04 - sum of PLB).';
COMMENT ON COLUMN connex.remittance.claim_count IS 'Claims that it names.';
COMMENT ON COLUMN connex.remittance.findings IS 'What was taken with a flag, by stable words.';
COMMENT ON COLUMN connex.remittance.sender IS 'Sender (ISA06).';
COMMENT ON COLUMN connex.remittance.interchange_control IS 'Interchange control number (ISA13).';
COMMENT ON COLUMN connex.remittance.group_control IS 'Group control number (GS06).';
COMMENT ON COLUMN connex.remittance.transaction_control IS 'Transaction control number (ST02).';
COMMENT ON COLUMN connex.remittance.sha256 IS 'SHA-256 of the content.';
COMMENT ON COLUMN connex.remittance.supplement IS 'Further segments, by segment and qualifier.';
COMMENT ON COLUMN connex.remittance.raw IS 'The segments as they came, for audit.';
COMMENT ON COLUMN connex.remittance.load_run_id IS 'The run that brought the row in.';
COMMENT ON COLUMN connex.remittance.loaded_at IS 'When it was loaded.';
COMMENT ON COLUMN connex.remittance.listed_on IS
  'The day by which lists show it: of payment, else of production, else the beginning of time.';

COMMENT ON TABLE connex.provider_adjustment IS 'Adjustments of a provider, not of a claim (835 PLB).';
COMMENT ON COLUMN connex.provider_adjustment.remittance_id IS 'The remittance.';
COMMENT ON COLUMN connex.provider_adjustment.adjustment_no IS 'Counts from 1.';
COMMENT ON COLUMN connex.provider_adjustment.provider_id IS 'The provider as the file names it.';
COMMENT ON COLUMN connex.provider_adjustment.fiscal_on IS 'End of the fiscal year.';
COMMENT ON COLUMN connex.provider_adjustment.reason_code IS 'Reason code.';
COMMENT ON COLUMN connex.provider_adjustment.reference IS 'Reference.';
COMMENT ON COLUMN connex.provider_adjustment.amount IS 'Amount; positive reduces the payment.';

COMMENT ON TABLE connex.claim_key IS 'Which claim a control number is: a DCN alone is not unique.';
COMMENT ON COLUMN connex.claim_key.contractor_no IS 'Contractor number.';
COMMENT ON COLUMN connex.claim_key.system IS 'Shared system: fiss, mcs, vms, or other.';
COMMENT ON COLUMN connex.claim_key.control_no IS 'The contractor''s control number of the claim, ICN or DCN (CLP07).';
COMMENT ON COLUMN connex.claim_key.claim_id IS 'The claim. Its high bits are its month, so that it finds its partition.';

COMMENT ON TABLE connex.claim IS 'A claim as it stands now.';
COMMENT ON COLUMN connex.claim.claim_id IS 'The claim. Its high bits are its month, so that it finds its partition.';
COMMENT ON COLUMN connex.claim.contractor_no IS 'Contractor number.';
COMMENT ON COLUMN connex.claim.system IS 'Shared system: fiss, mcs, vms, or other.';
COMMENT ON COLUMN connex.claim.control_no IS 'The contractor''s control number of the claim, ICN or DCN (CLP07).';
COMMENT ON COLUMN connex.claim.provider_account_id IS 'The provider account; null: the payee is none of ours.';
COMMENT ON COLUMN connex.claim.beneficiary_id IS 'The beneficiary; null: not known.';
COMMENT ON COLUMN connex.claim.mbi IS 'Medicare Beneficiary Identifier as the claim had it.';
COMMENT ON COLUMN connex.claim.patient_last_name IS 'The patient''s last name as the claim had it.';
COMMENT ON COLUMN connex.claim.patient_first_name IS 'The patient''s first name as the claim had it.';
COMMENT ON COLUMN connex.claim.patient_control_no IS 'The provider''s own number of the claim (CLP01).';
COMMENT ON COLUMN connex.claim.line_of_business IS 'part_a, part_b, or hhh (home health and hospice).';
COMMENT ON COLUMN connex.claim.status IS 'received, pending, suspended, returned, paid, denied, rejected, or reversed.';
COMMENT ON COLUMN connex.claim.status_on IS 'Day of the status.';
COMMENT ON COLUMN connex.claim.received_on IS 'Day on which the contractor received the claim.';
COMMENT ON COLUMN connex.claim.from_on IS
  'First day of service. Where the file names none: the day received, else the day of the remittance, else of the load.';
COMMENT ON COLUMN connex.claim.through_on IS 'Last day of service.';
COMMENT ON COLUMN connex.claim.finalized_on IS 'Day of the remittance: the notice of the decision.';
COMMENT ON COLUMN connex.claim.charge IS 'Amount charged.';
COMMENT ON COLUMN connex.claim.paid IS 'Amount paid.';
COMMENT ON COLUMN connex.claim.patient_responsibility IS 'What the patient owes (CLP05).';
COMMENT ON COLUMN connex.claim.bill_type IS 'Type of bill.';
COMMENT ON COLUMN connex.claim.facility IS 'Facility type (CLP08).';
COMMENT ON COLUMN connex.claim.drg IS 'Diagnosis related group.';
COMMENT ON COLUMN connex.claim.diagnoses IS 'Diagnosis codes.';
COMMENT ON COLUMN connex.claim.remittance_id IS 'The newest remittance that names it.';
COMMENT ON COLUMN connex.claim.last_adjudication_no IS 'The adjudication that stands; 0: not adjudicated yet.';
COMMENT ON COLUMN connex.claim.findings IS 'What was taken with a flag, by stable words.';
COMMENT ON COLUMN connex.claim.version IS 'Counts changes, for ETag and If-Match.';

COMMENT ON TABLE connex.adjudication IS 'One CLP of a remittance, as it came. A reversal and its correction are further rows.';
COMMENT ON COLUMN connex.adjudication.claim_id IS 'The claim. Its high bits are its month, so that it finds its partition.';
COMMENT ON COLUMN connex.adjudication.adjudication_no IS 'Which adjudication of the claim, from 1.';
COMMENT ON COLUMN connex.adjudication.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.adjudication.remittance_id IS 'The remittance.';
COMMENT ON COLUMN connex.adjudication.clp_status IS 'Claim status (CLP02).';
COMMENT ON COLUMN connex.adjudication.reverses_no IS 'The adjudication that this one takes back.';
COMMENT ON COLUMN connex.adjudication.charge IS 'Amount charged.';
COMMENT ON COLUMN connex.adjudication.paid IS 'Amount paid.';
COMMENT ON COLUMN connex.adjudication.patient_responsibility IS 'What the patient owes (CLP05).';
COMMENT ON COLUMN connex.adjudication.filing_indicator IS 'Claim filing indicator (CLP06).';
COMMENT ON COLUMN connex.adjudication.facility IS 'Facility type (CLP08).';
COMMENT ON COLUMN connex.adjudication.frequency IS 'Frequency of the claim (CLP09).';
COMMENT ON COLUMN connex.adjudication.drg IS 'Diagnosis related group.';
COMMENT ON COLUMN connex.adjudication.patient_control_no IS 'The provider''s own number of the claim (CLP01).';
COMMENT ON COLUMN connex.adjudication.from_on IS 'First day of service.';
COMMENT ON COLUMN connex.adjudication.through_on IS 'Last day of service.';
COMMENT ON COLUMN connex.adjudication.received_on IS 'Day on which the contractor received the claim.';
COMMENT ON COLUMN connex.adjudication.corrected_mbi IS 'Corrected identifier of the patient (NM1*74).';
COMMENT ON COLUMN connex.adjudication.crossover_payer IS 'Payer that the claim went on to (NM1*TT).';
COMMENT ON COLUMN connex.adjudication.remark_codes IS 'Remark codes (RARC).';
COMMENT ON COLUMN connex.adjudication.rendering_provider_id IS 'Rendering provider (NM1*82).';
COMMENT ON COLUMN connex.adjudication.insured_id IS 'Insured person (NM1*IL).';
COMMENT ON COLUMN connex.adjudication.corrected_payer IS 'Corrected payer (NM1*PR).';
COMMENT ON COLUMN connex.adjudication.coverage_expires_on IS 'Day on which coverage ended (DTM*036).';
COMMENT ON COLUMN connex.adjudication.supplement IS 'Further segments, by segment and qualifier.';
COMMENT ON COLUMN connex.adjudication.findings IS 'What was taken with a flag, by stable words.';
COMMENT ON COLUMN connex.adjudication.raw IS 'The segments as they came, for audit.';
COMMENT ON COLUMN connex.adjudication.balanced IS 'Whether the amounts add up.';
COMMENT ON COLUMN connex.adjudication.adjudicated_on IS 'Day of the remittance.';

COMMENT ON TABLE connex.claim_line IS 'A line of a claim, by adjudication.';
COMMENT ON COLUMN connex.claim_line.claim_id IS 'The claim. Its high bits are its month, so that it finds its partition.';
COMMENT ON COLUMN connex.claim_line.adjudication_no IS 'Which adjudication; 0: as submitted.';
COMMENT ON COLUMN connex.claim_line.line_no IS 'Line number.';
COMMENT ON COLUMN connex.claim_line.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.claim_line.procedure_code IS 'Procedure code.';
COMMENT ON COLUMN connex.claim_line.modifiers IS 'Modifiers.';
COMMENT ON COLUMN connex.claim_line.revenue_code IS 'Revenue code.';
COMMENT ON COLUMN connex.claim_line.units IS 'Units paid.';
COMMENT ON COLUMN connex.claim_line.from_on IS 'First day of service.';
COMMENT ON COLUMN connex.claim_line.through_on IS 'Last day of service.';
COMMENT ON COLUMN connex.claim_line.charge IS 'Amount charged.';
COMMENT ON COLUMN connex.claim_line.allowed IS 'Amount allowed.';
COMMENT ON COLUMN connex.claim_line.paid IS 'Amount paid.';
COMMENT ON COLUMN connex.claim_line.submitted_procedure_code IS 'Procedure code as submitted (SVC06).';
COMMENT ON COLUMN connex.claim_line.line_control_no IS 'The provider''s number of the line (REF*6R).';
COMMENT ON COLUMN connex.claim_line.place_of_service IS 'Place of service.';
COMMENT ON COLUMN connex.claim_line.remark_codes IS 'Remark codes (LQ*HE).';
COMMENT ON COLUMN connex.claim_line.supplement IS 'Further segments, by segment and qualifier.';

COMMENT ON TABLE connex.claim_adjustment IS 'One adjustment of a claim or line (835 CAS).';
COMMENT ON COLUMN connex.claim_adjustment.claim_id IS 'The claim. Its high bits are its month, so that it finds its partition.';
COMMENT ON COLUMN connex.claim_adjustment.adjudication_no IS 'Which adjudication of the claim, from 1.';
COMMENT ON COLUMN connex.claim_adjustment.line_no IS 'Line number; 0: of the whole claim.';
COMMENT ON COLUMN connex.claim_adjustment.adjustment_no IS 'Counts from 1.';
COMMENT ON COLUMN connex.claim_adjustment.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.claim_adjustment.group_code IS 'Group code (CAS01).';
COMMENT ON COLUMN connex.claim_adjustment.reason_code IS 'Claim adjustment reason code (CARC).';
COMMENT ON COLUMN connex.claim_adjustment.amount IS 'Amount.';
COMMENT ON COLUMN connex.claim_adjustment.quantity IS 'Quantity adjusted.';

COMMENT ON TABLE connex.deadline_rule IS 'Days that the law gives, by the day from which a rule is in force.';
COMMENT ON COLUMN connex.deadline_rule.kind IS 'Which deadline.';
COMMENT ON COLUMN connex.deadline_rule.effective_on IS 'First day in force.';
COMMENT ON COLUMN connex.deadline_rule.days IS 'Days after the notice.';
COMMENT ON COLUMN connex.deadline_rule.presumed_receipt_days IS 'Days within which receipt of the notice is presumed.';
COMMENT ON COLUMN connex.deadline_rule.citation IS 'The law.';

COMMENT ON TABLE connex.appeal IS 'A redetermination (42 CFR 405.940).';
COMMENT ON COLUMN connex.appeal.appeal_id IS 'The redetermination.';
COMMENT ON COLUMN connex.appeal.confirmation_no IS 'Number given to the office.';
COMMENT ON COLUMN connex.appeal.kind IS 'redetermination.';
COMMENT ON COLUMN connex.appeal.level IS 'Level of appeal, 1 to 5.';
COMMENT ON COLUMN connex.appeal.claim_id IS 'The claim. Its high bits are its month, so that it finds its partition.';
COMMENT ON COLUMN connex.appeal.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.appeal.contractor_no IS 'Contractor number.';
COMMENT ON COLUMN connex.appeal.status IS 'received, in_review, decided, dismissed, or withdrawn.';
COMMENT ON COLUMN connex.appeal.outcome IS 'fully_favorable, partially_favorable, unfavorable, or dismissed; null while open.';
COMMENT ON COLUMN connex.appeal.line_nos IS 'Lines in dispute; empty: the whole claim.';
COMMENT ON COLUMN connex.appeal.requester_name IS 'Who asks, as typed.';
COMMENT ON COLUMN connex.appeal.requester_phone IS 'Telephone of who asks.';
COMMENT ON COLUMN connex.appeal.reason IS 'Why the decision is wrong, as typed.';
COMMENT ON COLUMN connex.appeal.additional_information IS 'What else was typed.';
COMMENT ON COLUMN connex.appeal.late_reason IS 'Good cause for being late (42 CFR 405.942(b)).';
COMMENT ON COLUMN connex.appeal.filed_at IS 'When it was received.';
COMMENT ON COLUMN connex.appeal.filed_by IS 'Who filed it.';
COMMENT ON COLUMN connex.appeal.token_id IS 'The token with which it was filed; null: by a person.';
COMMENT ON COLUMN connex.appeal.notice_on IS 'Date of the initial determination, from which the days run.';
COMMENT ON COLUMN connex.appeal.deadline_on IS 'Last day to ask.';
COMMENT ON COLUMN connex.appeal.decision_due_on IS 'Day by which it must be decided (42 CFR 405.950).';
COMMENT ON COLUMN connex.appeal.assigned_to IS 'The analyst who has taken it.';
COMMENT ON COLUMN connex.appeal.decided_at IS 'When it was decided.';
COMMENT ON COLUMN connex.appeal.decided_by IS 'Who decided.';
COMMENT ON COLUMN connex.appeal.rationale IS 'The reasons of the decision.';
COMMENT ON COLUMN connex.appeal.version IS 'Counts changes, for ETag and If-Match.';

COMMENT ON TABLE connex.appeal_event IS 'History of a redetermination.';
COMMENT ON COLUMN connex.appeal_event.appeal_id IS 'The redetermination.';
COMMENT ON COLUMN connex.appeal_event.event_no IS 'Counts from 1.';
COMMENT ON COLUMN connex.appeal_event.at IS 'When.';
COMMENT ON COLUMN connex.appeal_event.user_account_id IS 'Who did it.';
COMMENT ON COLUMN connex.appeal_event.action IS 'What was done.';
COMMENT ON COLUMN connex.appeal_event.words IS 'What was said.';

COMMENT ON TABLE connex.attachment IS 'A file sent with a redetermination.';
COMMENT ON COLUMN connex.attachment.attachment_id IS 'The attachment.';
COMMENT ON COLUMN connex.attachment.provider_account_id IS 'The provider account.';
COMMENT ON COLUMN connex.attachment.uploaded_by IS 'Who uploaded it.';
COMMENT ON COLUMN connex.attachment.appeal_id IS 'The redetermination that it belongs to; null: not filed yet.';
COMMENT ON COLUMN connex.attachment.file_name IS 'Name of the file.';
COMMENT ON COLUMN connex.attachment.media_type IS 'Media type, by content.';
COMMENT ON COLUMN connex.attachment.bytes IS 'Size in bytes.';
COMMENT ON COLUMN connex.attachment.pages IS 'Pages of a PDF.';
COMMENT ON COLUMN connex.attachment.sha256 IS 'SHA-256 of the content.';
COMMENT ON COLUMN connex.attachment.created_at IS 'When it was made.';

COMMENT ON TABLE connex.attachment_piece IS 'Content of an attachment, at most 1 MB a row.';
COMMENT ON COLUMN connex.attachment_piece.attachment_id IS 'The attachment.';
COMMENT ON COLUMN connex.attachment_piece.piece_no IS 'Counts from 1.';
COMMENT ON COLUMN connex.attachment_piece.content IS 'The bytes.';

COMMENT ON COLUMN audit.event.at IS 'When.';
COMMENT ON COLUMN audit.event.event_id IS 'Number.';
COMMENT ON COLUMN audit.event.request_id IS 'The request, as in the log.';
COMMENT ON COLUMN audit.event.user_account_id IS 'Who; null: nobody had entered.';
COMMENT ON COLUMN audit.event.session_id IS 'In which session.';
COMMENT ON COLUMN audit.event.token_id IS 'With which token.';
COMMENT ON COLUMN audit.event.address IS 'Network address.';
COMMENT ON COLUMN audit.event.action IS 'What was done.';
COMMENT ON COLUMN audit.event.provider_account_id IS 'For which provider account.';
COMMENT ON COLUMN audit.event.subject_kind IS 'What it is about.';
COMMENT ON COLUMN audit.event.subject_id IS 'Its number.';
COMMENT ON COLUMN audit.event.detail IS 'Further detail.';

COMMENT ON TABLE connex.outbox IS 'Mail to send.';
COMMENT ON COLUMN connex.outbox.outbox_id IS 'The mail.';
COMMENT ON COLUMN connex.outbox.kind IS 'Name of its template.';
COMMENT ON COLUMN connex.outbox.user_account_id IS 'The person it goes to.';
COMMENT ON COLUMN connex.outbox.to_address IS 'Address.';
COMMENT ON COLUMN connex.outbox.subject IS 'Subject line.';
COMMENT ON COLUMN connex.outbox.body IS 'Text; wiped after sending when it holds a code, later otherwise.';
COMMENT ON COLUMN connex.outbox.holds_secret IS 'Whether the text holds a code and is wiped once it is sent.';
COMMENT ON COLUMN connex.outbox.state IS 'waiting, sent, or failed.';
COMMENT ON COLUMN connex.outbox.tries IS 'How often it was tried.';
COMMENT ON COLUMN connex.outbox.next_try_at IS 'When it is tried next.';
COMMENT ON COLUMN connex.outbox.last_error IS 'Why the last try failed.';
COMMENT ON COLUMN connex.outbox.created_at IS 'When it was made.';
COMMENT ON COLUMN connex.outbox.sent_at IS 'When it was sent.';

COMMENT ON TABLE connex.job IS 'Work for the jobs daemon.';
COMMENT ON COLUMN connex.job.job_id IS 'The job.';
COMMENT ON COLUMN connex.job.kind IS 'Kind of job.';
COMMENT ON COLUMN connex.job.subject_id IS 'Its number.';
COMMENT ON COLUMN connex.job.state IS 'waiting, done, or failed.';
COMMENT ON COLUMN connex.job.tries IS 'How often it was tried.';
COMMENT ON COLUMN connex.job.run_at IS 'When it is due.';
COMMENT ON COLUMN connex.job.last_error IS 'Why the last try failed.';
COMMENT ON COLUMN connex.job.created_at IS 'When it was made.';
COMMENT ON COLUMN connex.job.finished_at IS 'When it ended; null while it runs.';

COMMENT ON TABLE connex.mail_template IS 'The words of mails, the contractor''s to edit.';
COMMENT ON COLUMN connex.mail_template.name IS 'Name.';
COMMENT ON COLUMN connex.mail_template.subject IS 'Subject line.';
COMMENT ON COLUMN connex.mail_template.body IS 'Text.';
COMMENT ON COLUMN connex.mail_template.holds_secret IS 'Whether the text holds a code and is wiped once it is sent.';


-- migrate:down
