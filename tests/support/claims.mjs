// Builders with defaults for claims, remittances, and beneficiaries, inserted as the database's owner; and PDF files.
// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { sql } from './instance.mjs';
import { digits } from './people.mjs';

/** A made-up MBI (S in position 2) that nobody else has. */
export const newMbi = () => {
  const at = () => 'ACDEFGHJKMNPQRTUVWXY'[randomInt(20)];
  return `1S${digits(1)}0${at()}${at()}${digits(1)}${at()}${at()}${digits(2)}`;
};

/** A person with Parts A and B since 2015; `coverage` adds rows [kind, from, to or null, {columns}]. */
export function makeBeneficiary({ last_name = 'Testperson', first_name = 'Agatha', birth_on = '1950-02-03', mbi = newMbi(), mbi_ended_on = '', coverage = [] } = {}) {
  const all = [['part_a', '2015-03-01', null], ['part_b', '2015-03-01', null], ...coverage]
    .map(([kind, from, to, more]) => ({ kind, period: `[${from},${to ?? ''}${to ? ']' : ')'}`, ...more }));
  return { mbi, last_name, first_name, birth_on, beneficiary_id: sql(`WITH b AS (INSERT INTO connex.beneficiary (source_key, last_name, first_name, birth_on, sex, city, state)
      VALUES ('test ' || :'mbi', :'last_name', :'first_name', :'birth_on', 'F', 'Portland', 'ME') RETURNING beneficiary_id),
    m AS (INSERT INTO connex.beneficiary_mbi (mbi, beneficiary_id, effective_on, ended_on) SELECT :'mbi', beneficiary_id, '2015-03-01', nullif(:'ended', '')::date FROM b),
    c AS (INSERT INTO connex.coverage (beneficiary_id, kind, period, amount, remaining, payer_name, payer_id, detail)
      SELECT b.beneficiary_id, r.kind, r.period, r.amount, r.remaining, r.payer_name, r.payer_id, r.detail
        FROM b, json_to_recordset(:'all') r (kind text, period daterange, amount numeric, remaining numeric, payer_name text, payer_id text, detail text))
    SELECT beneficiary_id::text FROM b`, { mbi, last_name, first_name, birth_on, ended: mbi_ended_on, all: JSON.stringify(all) }) };
}

/**
 * A claim of `account` with one line for each of `lines` ({reason, remarks, paid}), decided `days` ago, and its remittance.
 * A claim with status received, pending, or suspended is not decided and has no remittance.
 */
export function makeClaim(account, { status = 'denied', days = 10, lines = [{ reason: '50', remarks: ['N115'] }], remarks = ['MA01'], mbi = newMbi(), from = '', last_name = 'Testperson', procedures = ['99213'], charge = 100 } = {}) {
  const number = digits(9);
  const decided = !['received', 'pending', 'suspended'].includes(status);
  const paid = lines.reduce((sum, line) => sum + (line.paid ?? 0), 0);
  const made = JSON.parse(sql(`BEGIN;
    CREATE TEMP TABLE made ON COMMIT DROP AS
      SELECT connex.claim_id_new(d.notice) AS claim_id, d.notice, coalesce(nullif(:'from', '')::date, d.notice - 20) AS served, a.contractor_no, NULL::bigint AS remittance_id
        FROM connex.provider_account a, (SELECT connex.today() - :'days'::integer AS notice) d WHERE a.provider_account_id = :'account'::bigint;
    INSERT INTO connex.remittance (provider_account_id, contractor_no, payer_name, payment_number, method, amount, paid_on, produced_on, balanced,
        claim_count, sender, interchange_control, group_control, transaction_control, sha256)
      SELECT :'account'::bigint, contractor_no, 'Test contractor', 'EFT' || :'number', 'ACH', :'paid'::numeric, notice, notice, true, 1, 'TEST', :'number', '1', '1', sha256(:'number')
        FROM made WHERE :'decided' = 'true';
    UPDATE made SET remittance_id = r.remittance_id FROM connex.remittance r WHERE r.sender = 'TEST' AND r.interchange_control = :'number';
    INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, mbi, patient_last_name, patient_first_name, patient_control_no,
        line_of_business, status, status_on, received_on, from_on, through_on, finalized_on, charge, paid, remittance_id, last_adjudication_no)
      SELECT claim_id, contractor_no, 'mcs', '99' || lpad(:'number', 11, '0'), :'account'::bigint, :'mbi', :'last', 'Agatha', 'PCN' || :'number', 'part_b', :'status',
        notice, served + 3, served, served, CASE WHEN :'decided' = 'true' THEN notice END, :'charge'::numeric * json_array_length(:'lines'), :'paid'::numeric, remittance_id,
        CASE WHEN :'decided' = 'true' THEN 1 ELSE 0 END FROM made;
    INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, charge, paid, adjudicated_on, remark_codes)
      SELECT claim_id, 1, :'account'::bigint, remittance_id, CASE :'status' WHEN 'paid' THEN '1' ELSE '4' END, :'charge'::numeric * json_array_length(:'lines'), :'paid'::numeric, notice,
        ARRAY(SELECT json_array_elements_text(:'remarks')) FROM made WHERE :'decided' = 'true';
    INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, procedure_code, modifiers, units, from_on, through_on, charge, allowed, paid, remark_codes,
        adjustment_groups, adjustment_reasons, adjustment_amounts)
      SELECT claim_id, CASE WHEN :'decided' = 'true' THEN 1 ELSE 0 END, l.n, :'account'::bigint, coalesce((:'procedures'::text[])[l.n], '99213'), '{25}', 1, served, served, :'charge'::numeric, 0.8 * :'charge'::numeric, coalesce((l.line->>'paid')::numeric, 0),
        ARRAY(SELECT json_array_elements_text(coalesce(l.line->'remarks', '[]'))), ARRAY(SELECT 'CO' WHERE reason IS NOT NULL), ARRAY(SELECT reason WHERE reason IS NOT NULL),
        ARRAY(SELECT :'charge'::numeric - coalesce((l.line->>'paid')::numeric, 0) WHERE reason IS NOT NULL)
        FROM made, json_array_elements(:'lines') WITH ORDINALITY l(line, n), LATERAL (SELECT CASE WHEN :'decided' = 'true' THEN l.line->>'reason' END AS reason) r;
    SELECT json_build_object('claim_id', c.claim_id::text, 'control_no', c.control_no, 'patient_control_no', c.patient_control_no, 'notice_on', m.notice,
        'from_on', c.from_on, 'remittance_id', m.remittance_id::text, 'payment_number', 'EFT' || :'number')
      FROM made m JOIN connex.claim c USING (claim_id);
    COMMIT;`, { account: account.provider_account_id, number, days, from, mbi, status, decided, paid, last: last_name, charge, procedures: `{${procedures}}`, lines: JSON.stringify(lines), remarks: JSON.stringify(remarks) }));
  return { ...made, mbi };
}

/** A claim of two lines that was denied ten days ago (CO-50, N115), for the browser tests. */
export const makeDeniedClaim = (account) => makeClaim(account, { lines: Array(2).fill({ reason: '50', remarks: ['N115'] }), procedures: ['99213', '81002'], charge: 125, last_name: 'Wintergreen' });

/** A valid PDF with one empty page; a comment of `padding` bytes makes it larger. */
export function pdf(padding = 0, words = 'evidence') {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Note (${words}) >>`];
  let text = '%PDF-1.4\n';
  const at = objects.map((object, i) => { const here = text.length; text += `${i + 1} 0 obj\n${object}\nendobj\n`; return here; });
  if (padding) text += `%${'x'.repeat(padding)}\n`;
  const start = text.length;
  text += `xref\n0 4\n0000000000 65535 f \n${at.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
