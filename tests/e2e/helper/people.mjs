// People, provider accounts and claims that a test finds there: made as the database's owner, each with numbers that nobody
// else has, so that tests run side by side and again and again on one instance.
// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { demo, sql } from './instance.mjs';

const digits = (count) => Array.from({ length: count }, () => randomInt(10)).join('');
const letters = (count) => Array.from({ length: count }, () => String.fromCharCode(65 + randomInt(26))).join('');

export const newUserId = () => letters(4) + digits(3);
export const password = 'correct horse battery staple';

/** A valid NPI: prefix 1, check digit by Luhn over 80840 and the number (45 CFR 162.406). */
function newNpi() {
  const nine = `1${digits(8)}`;
  const sum = [...`80840${nine}`].reverse().reduce((total, digit, i) => {
    const n = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (n > 9 ? n - 9 : n);
  }, 0);
  return nine + String((10 - (sum % 10)) % 10);
}

/** A provider account of Part B in Maine that nobody has claimed (unless a CSN is given), and a check of ten days ago. */
export function makeAccount({ csn = '' } = {}) {
  const account = {
    name: `Alder Gate Family Practice ${letters(3)}`, npi: newNpi(), ptan: `ME${digits(7)}`, tin_last5: digits(5), csn,
    check_number: `88${digits(7)}`, check_amount: `${randomInt(1000, 9999)}.${digits(2)}`, billing_street: `PO Box ${digits(4)}`,
  };
  account.provider_account_id = sql(`WITH p AS (
    INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state, physical_street, physical_city,
        physical_state, physical_zip, billing_street, billing_city, billing_state, billing_zip, csn)
      SELECT contractor_no, :'npi', :'ptan', '0101' || :'tin_last5', :'name', 'part_b', 'ME', '12 Mill Lane', 'Portland', 'ME', '04101',
        :'billing_street', 'Portland', 'ME', '04104', nullif(:'csn', '')
        FROM connex.contractor WHERE line_of_business = 'part_b' ORDER BY contractor_no LIMIT 1 RETURNING *),
    y AS (INSERT INTO connex.payment (contractor_no, provider_account_id, payment_number, method, amount, issued_on)
      SELECT contractor_no, provider_account_id, :'check_number', 'check', :'check_amount'::numeric, connex.today() - 10 FROM p)
    SELECT provider_account_id FROM p;`, account);
  return account;
}
export const newCsn = () => `C${letters(2)}${digits(7)}`;

/** A person with a verified address who knows the password of the first demonstration user. */
export function makeUser({ first_name = 'Testa', last_name = 'Personne', kind = 'office' } = {}) {
  const user_id = newUserId();
  const email = `${user_id.toLowerCase()}@e2e.example`;
  sql(`WITH u AS (INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
         VALUES (:'user_id', :'kind', :'first_name', :'last_name', 'billing', :'email', connex.now()) RETURNING user_account_id)
       INSERT INTO connex.credential (user_account_id, password_hash, changed_at)
       SELECT u.user_account_id, c.password_hash, connex.now() FROM u, connex.credential c JOIN connex.user_account f USING (user_account_id)
        WHERE f.user_id = :'known';`, { user_id, kind, first_name, last_name, email, known: demo.users[0].user_id });
  return { user_id, email, first_name, last_name, password: demo.users[0].password };
}

export const ALL = ['provider_profile', 'claims', 'eligibility', 'financials'];
/** Access that is approved already. */
export function grant(user, account, functions = ALL, lso = false) {
  sql(`INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested, functions, lso, lso_requested)
    SELECT user_account_id, :'account'::bigint, 'approved', :'functions'::text[], :'functions'::text[], :'lso'::boolean, :'lso'::boolean
      FROM connex.user_account WHERE user_id = :'user_id';`,
  { user_id: user.user_id, account: account.provider_account_id, functions: `{${functions}}`, lso });
}

/** An invented MBI: S in position 2, as demonstrations have it. */
export const newMbi = () => {
  const at = () => 'ACDEFGHJKMNPQRTUVWXY'[randomInt(20)];
  return `1S${digits(1)}0${at()}${at()}${digits(1)}${at()}${at()}${digits(2)}`;
};

/** A claim of two lines that was denied ten days ago (CO-50, N115), and the remittance that said so. */
export function makeDeniedClaim(account) {
  const claim = { control_no: `99${digits(11)}`, payment_number: `EFT${digits(9)}`, mbi: newMbi(), account: account.provider_account_id };
  claim.claim_id = sql(`BEGIN;
    CREATE TEMP TABLE made ON COMMIT DROP AS
      SELECT connex.claim_id_new(connex.today() - 10) AS claim_id, connex.today() - 10 AS notice, connex.today() - 30 AS served, contractor_no
        FROM connex.provider_account WHERE provider_account_id = :'account'::bigint;
    INSERT INTO connex.remittance (provider_account_id, contractor_no, payer_name, payment_number, method, amount, paid_on, produced_on, balanced,
        claim_count, sender, interchange_control, group_control, transaction_control, sha256)
      SELECT :'account'::bigint, contractor_no, 'Contractor', :'payment_number', 'ACH', 0, notice, notice, true, 1, 'E2E', :'control_no', '1', '1',
        sha256(:'control_no') FROM made;
    INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, mbi, patient_last_name, patient_first_name,
        patient_control_no, line_of_business, status, status_on, received_on, from_on, through_on, finalized_on, charge, remittance_id, last_adjudication_no)
      SELECT m.claim_id, m.contractor_no, 'mcs', :'control_no', :'account'::bigint, :'mbi', 'Wintergreen', 'Agatha', 'PCN' || right(:'control_no', 6),
        'part_b', 'denied', notice, served + 3, served, served, notice, 250, r.remittance_id, 1
        FROM made m JOIN connex.remittance r ON r.sender = 'E2E' AND r.interchange_control = :'control_no';
    INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, charge, paid, adjudicated_on, remark_codes)
      SELECT claim_id, 1, provider_account_id, remittance_id, '4', 250, 0, finalized_on, '{MA01}' FROM connex.claim JOIN made USING (claim_id);
    INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, procedure_code, modifiers, units, from_on, through_on,
        charge, allowed, paid, remark_codes)
      SELECT claim_id, 1, n, :'account'::bigint, (ARRAY['99213', '81002'])[n], '{}', 1, served, served, 125, 0, 0, '{N115}' FROM made, generate_series(1, 2) n;
    INSERT INTO connex.claim_adjustment (claim_id, adjudication_no, line_no, adjustment_no, provider_account_id, group_code, reason_code, amount)
      SELECT claim_id, 1, n, 1, :'account'::bigint, 'CO', '50', 125 FROM made, generate_series(1, 2) n;
    SELECT claim_id FROM made;
    COMMIT;`, claim);
  return claim;
}

/** An office: a provider account with a CSN, and one person of it. */
export function makeOffice(functions = ALL, lso = false) {
  const account = makeAccount({ csn: newCsn() });
  const user = makeUser();
  grant(user, account, functions, lso);
  return { account, user, base: `/provider-accounts/${account.provider_account_id}` };
}
