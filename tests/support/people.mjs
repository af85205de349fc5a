// Creates users, provider accounts, access, and credentials directly in the database. Each has numbers of its own, so that
// tests can run in parallel and repeatedly on one instance.
// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { demo, sql } from './instance.mjs';

export const digits = (count) => Array.from({ length: count }, () => randomInt(10)).join('');
export const letters = (count) => Array.from({ length: count }, () => String.fromCharCode(65 + randomInt(26))).join('');
export const newUserId = () => letters(4) + digits(3);
export const newCsn = () => `C${letters(2)}${digits(7)}`;

/** A valid NPI: prefix 1, check digit by Luhn over 80840 and the number (45 CFR 162.406). */
export function newNpi() {
  const nine = `1${digits(8)}`;
  const sum = [...`80840${nine}`].reverse().reduce((total, digit, i) => {
    const n = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (n > 9 ? n - 9 : n);
  }, 0);
  return nine + String((10 - (sum % 10)) % 10);
}

/** A provider account of Part B in Maine, with a check issued `days` ago. Without a CSN it has no LSO yet. */
export function makeProviderAccount({ days = 10, amount = '1234.56', csn = '', name, ptan = `TST${digits(7)}`, check_number = `88${digits(9)}`, billing_street = `PO Box ${digits(4)}` } = {}) {
  const account = { npi: newNpi(), ptan, tin_last5: digits(5), csn: csn ?? '', name: name ?? `Test Practice ${ptan}`, check_number, check_amount: amount, billing_street, days };
  const made = JSON.parse(sql(`WITH p AS (
    INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state, physical_street, physical_city,
        physical_state, physical_zip, billing_street, billing_city, billing_state, billing_zip, csn)
      SELECT contractor_no, :'npi', :'ptan', '98' || right(:'npi', 2) || :'tin_last5', :'name', 'part_b', 'ME', '12 Mill Lane', 'Portland', 'ME', '04101',
        :'billing_street', 'Portland', 'ME', '04104', nullif(:'csn', '')
        FROM connex.contractor WHERE line_of_business = 'part_b' ORDER BY contractor_no LIMIT 1 RETURNING *),
    y AS (INSERT INTO connex.payment (contractor_no, provider_account_id, payment_number, method, amount, issued_on)
      SELECT contractor_no, provider_account_id, :'check_number', 'check', :'check_amount'::numeric, connex.today() - :'days'::integer FROM p)
    SELECT json_build_object('provider_account_id', provider_account_id::text, 'csn', csn) FROM p;`, account));
  return { ...account, ...made, line_of_business: 'part_b', state: 'ME' };
}

/** The workers' part of a day's code (account_pepper in fcgi/account.h), so that logging in need not wait for mail. */
const pepper = () => createHmac('sha256', readFileSync(`${demo.var}/secret/code.key`)).update('pepper\0login\0').digest('hex');

/** A user with the password of the demonstration's first user and, if verified, a code for today. An analyst works for `contractors`, or for all. */
export function makeUser({ kind = 'office', verified = true, first_name = 'Testa', last_name = 'Person', code = '424242', domain = 'tests.example', contractors = '' } = {}) {
  const user_id = newUserId();
  const email = `${user_id.toLowerCase()}@${domain}`;
  const known = demo.users[0];
  sql(`WITH u AS (INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
         VALUES (:'user_id', :'kind', :'first_name', :'last_name', 'billing', :'email', CASE WHEN :'verified' = 'true' THEN connex.now() END) RETURNING user_account_id)
       INSERT INTO connex.credential (user_account_id, password_hash, changed_at)
       SELECT u.user_account_id, c.password_hash, connex.now() FROM u, connex.credential c JOIN connex.user_account f USING (user_account_id) WHERE f.user_id = :'known';
       INSERT INTO connex.mailed_code (user_account_id, purpose, code_hash, expires_at)
       SELECT user_account_id, 'login', connex.code_hash(decode(:'pepper', 'hex'), 'login', user_account_id, :'code'), (connex.today() + 1)::timestamp AT TIME ZONE connex.setting_text('time_zone')
         FROM connex.user_account WHERE user_id = :'user_id' AND :'verified' = 'true' AND :'code' <> '';
       INSERT INTO connex.staff_contractor (user_account_id, contractor_no)
       SELECT user_account_id, contractor_no FROM connex.user_account, connex.contractor
        WHERE user_id = :'user_id' AND kind = 'analyst' AND (:'contractors' = '' OR contractor_no = ANY (string_to_array(:'contractors', ',')));`,
  { user_id, kind, first_name, last_name, email, verified, known: known.user_id, pepper: pepper(), code: code ?? '', contractors });
  return { user_id, email, first_name, last_name, password: known.password, ...(verified && code ? { code } : {}) };
}

export const ALL = ['provider_profile', 'claims', 'eligibility', 'financials'];
/** Approved access; returns its id. */
export const grantAccess = (user, account, { functions = ALL, lso = false } = {}) =>
  sql(`WITH a AS (INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested, functions, lso, lso_requested)
      SELECT user_account_id, :'account'::bigint, 'approved', :'functions'::text[], :'functions'::text[], :'lso'::boolean, :'lso'::boolean
        FROM connex.user_account WHERE user_id = :'user_id' RETURNING access_id)
    SELECT access_id FROM a;`, { user_id: user.user_id, account: account.provider_account_id, functions: `{${functions}}`, lso });

// --- credentials -----------------------------------------------------------------------------------------------------

const hashOf = (secret) => createHash('sha256').update(secret).digest('hex');

/** The cookie of a complete session, made without logging in. */
export function makeSession({ user_id }) {
  const secret = randomBytes(32).toString('base64url');
  sql(`INSERT INTO connex.session (secret_hash, user_account_id, ends_at, second_factor_at)
       SELECT decode(:'hash', 'hex'), user_account_id, connex.now() + interval '1 hour', connex.now() FROM connex.user_account WHERE user_id = :'user_id';`,
  { user_id, hash: hashOf(secret) });
  return `__Host-connex=${secret}`;
}

function checksum(text) { // CRC-32 in six digits of base 62, as lib/secret/token.c
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let rest = (crc ^ 0xffffffff) >>> 0, out = '';
  for (let i = 0; i < 6; i++, rest = Math.floor(rest / 62)) out = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'[rest % 62] + out;
  return out;
}

/** A token for `functions`, for every provider account where the user has one of them. */
export function makeToken({ user_id }, functions = ['claims']) {
  const body = `cnx_${randomBytes(32).toString('base64url')}`;
  const token = body + checksum(body);
  sql(`WITH t AS (INSERT INTO connex.token (user_account_id, name, secret_hash, beginning, functions, expires_at)
         SELECT user_account_id, 'tests', decode(:'hash', 'hex'), 'cnx_', :'functions'::text[], connex.now() + interval '1 hour'
           FROM connex.user_account WHERE user_id = :'user_id' RETURNING *)
       INSERT INTO connex.token_provider_account (token_id, provider_account_id)
       SELECT t.token_id, a.provider_account_id FROM t JOIN connex.access a USING (user_account_id)
        WHERE a.status = 'approved' AND :'functions'::text[] && a.functions;`, { user_id, hash: hashOf(token), functions: `{${functions}}` });
  return token;
}
