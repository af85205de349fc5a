// Claims, remittances and beneficiaries for tests, made as the owner: each test has its own provider account and sees
// nothing of another's.
// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { Client, demo, grantAccess, makeProviderAccount, makeUser, one, sql } from './harness.mjs';

let serial = Number(process.hrtime.bigint() % 100000000n);
const next = () => (serial = (serial + 1) % 100000000);

/** A client with a complete session of `user`, made as the owner: logging in has tests of its own. */
export function enter(user) {
  const client = new Client(), secret = randomBytes(32).toString('base64url');
  sql(`INSERT INTO connex.session (secret_hash, user_account_id, ends_at, second_factor_at)
    SELECT sha256(:'secret'::bytea), user_account_id, connex.now() + interval '1 hour', connex.now() FROM connex.user_account WHERE user_id = :'user_id';`, { secret, user_id: user.user_id });
  client.cookie = `__Host-connex=${secret}`;
  return client;
}
/** A new provider account and a person of its office, logged in, with all functions (or the given ones). */
export async function office(functions) {
  const account = makeProviderAccount();
  const user = makeUser();
  grantAccess(user, account, functions ? { functions } : {});
  const client = enter(user);
  return { account, user, client, path: `/api/v1/provider-accounts/${account.provider_account_id}` };
}
export const analyst = () => enter(demo.users.find(({ role }) => role === 'analyst'));

/** An MBI of the invented kind (S in position 2) that nobody has. */
export const newMbi = () => {
  const at = 'ACDEFGHJKMNPQRTUVWXY', n = next();
  return `1S${n % 10}0${at[n % 20]}${at[Math.floor(n / 20) % 20]}${Math.floor(n / 400) % 10}${at[Math.floor(n / 4000) % 20]}${at[Math.floor(n / 80000) % 20]}${String(n % 97).padStart(2, '0')}`;
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
 * A claim of `account` with one line for each of `lines` ({reason, remarks, paid}), decided `days` ago, and the remittance
 * that said so. status pending: not decided. ma130: unprocessable.
 */
export function makeClaim(account, { status = 'denied', days = 10, lines = [{ reason: '50', remarks: ['N115'] }], remarks = ['MA01'], mbi = newMbi(), from = '', last_name = 'Testperson' } = {}) {
  const number = next();
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
        notice, served + 3, served, served, CASE WHEN :'decided' = 'true' THEN notice END, 100 * json_array_length(:'lines'), :'paid'::numeric, remittance_id,
        CASE WHEN :'decided' = 'true' THEN 1 ELSE 0 END FROM made;
    INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, charge, paid, adjudicated_on, remark_codes)
      SELECT claim_id, 1, :'account'::bigint, remittance_id, CASE :'status' WHEN 'paid' THEN '1' ELSE '4' END, 100 * json_array_length(:'lines'), :'paid'::numeric, notice,
        ARRAY(SELECT json_array_elements_text(:'remarks')) FROM made WHERE :'decided' = 'true';
    INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, procedure_code, modifiers, units, from_on, through_on, charge, allowed, paid, remark_codes)
      SELECT claim_id, CASE WHEN :'decided' = 'true' THEN 1 ELSE 0 END, l.n, :'account'::bigint, '99213', '{25}', 1, served, served, 100, 80, coalesce((l.line->>'paid')::numeric, 0),
        ARRAY(SELECT json_array_elements_text(coalesce(l.line->'remarks', '[]'))) FROM made, json_array_elements(:'lines') WITH ORDINALITY l(line, n);
    INSERT INTO connex.claim_adjustment (claim_id, adjudication_no, line_no, adjustment_no, provider_account_id, group_code, reason_code, amount)
      SELECT claim_id, 1, l.n, 1, :'account'::bigint, 'CO', l.line->>'reason', 100 - coalesce((l.line->>'paid')::numeric, 0)
        FROM made, json_array_elements(:'lines') WITH ORDINALITY l(line, n) WHERE :'decided' = 'true' AND l.line->>'reason' IS NOT NULL;
    SELECT json_build_object('claim_id', c.claim_id::text, 'control_no', c.control_no, 'patient_control_no', c.patient_control_no, 'notice_on', m.notice,
        'from_on', c.from_on, 'remittance_id', m.remittance_id::text, 'payment_number', 'EFT' || :'number')
      FROM made m JOIN connex.claim c USING (claim_id);
    COMMIT;`, { account: account.provider_account_id, number, days, from, mbi, status, decided, paid, last: last_name, lines: JSON.stringify(lines), remarks: JSON.stringify(remarks) }));
  return { ...made, mbi };
}

/** A day `days` from the contractor's today. */
export const day = (days = 0) => one(`SELECT connex.today() + :'days'::integer AS day`, { days }).day;
/** The audit rows of an action about a subject. */
export const audits = (action, subject_id) => one(`SELECT count(*)::int AS n FROM audit.event WHERE action = :'action' AND subject_id = :'id'::bigint`, { action, id: subject_id }).n;

/** A PDF of one empty page that readers open; `padding` bytes of comment make it larger. */
export function pdf(padding = 0, words = 'evidence') {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Note (${words}) >>`];
  let text = '%PDF-1.4\n';
  const at = objects.map((object, i) => { const here = text.length; text += `${i + 1} 0 obj\n${object}\nendobj\n`; return here; });
  if (padding) text += `%${'x'.repeat(padding)}\n`;
  const start = text.length;
  text += `xref\n0 4\n0000000000 65535 f \n${at.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
/** Sends a file; the answer. */
export const upload = (client, path, bytes, name = 'operative note.pdf', headers = {}) => client.request('POST', `${path}/attachments`, {
  raw: bytes, headers: { 'content-type': 'application/pdf', 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`, ...headers },
});
/** What an office sends to file a redetermination. */
export const request = (claim, more = {}) => ({ claim_id: claim.claim_id, requester_name: 'Rosalind Biller', requester_phone: '207-555-0123', reason: 'The service was necessary: see the notes.', ...more });
