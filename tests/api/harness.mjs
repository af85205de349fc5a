// What every API test stands on: a client of the running instance that holds each answer against the contract, the
// development mailbox, and the database as its owner for fixtures and for moving the clock that rules read.
// The instance is named by CONNEX_DEMO, the demo.json that `make run` writes.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const root = new URL('../../', import.meta.url);
if (!process.env.CONNEX_DEMO) throw new Error('CONNEX_DEMO must name the demo.json of a running instance (make run)');
export const demo = JSON.parse(readFileSync(process.env.CONNEX_DEMO, 'utf8'));
export const contract = JSON.parse(readFileSync(fileURLToPath(new URL('build/gen/openapi.json', root)), 'utf8'));
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// --- the contract ----------------------------------------------------------------------------------------------------

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addFormat('binary', true);
ajv.addSchema(contract, 'contract');
const pointer = (...parts) => `contract#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
const compiled = new Map();
function validator(reference) {
  if (!compiled.has(reference)) compiled.set(reference, ajv.compile({ $ref: reference }));
  return compiled.get(reference);
}
const templates = Object.keys(contract.paths).map((path) => ({
  path, pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`), parts: (path.match(/\{/g) ?? []).length,
})).sort((a, b) => a.parts - b.parts);

/** The path template and the operation of the contract that a request belongs to; null where the contract knows none. */
export function operationOf(method, path) {
  const found = templates.find(({ pattern }) => pattern.test(path));
  const operation = found && contract.paths[found.path][method.toLowerCase()];
  return operation ? { template: found.path, operation } : null;
}
export const schemaOf = (name) => contract.components.schemas[name];

/** Fails when the answer is not what the contract says: status, content type, every member of the body. */
export function holdAgainstContract(method, path, answer) {
  const where = `${method} ${path} -> ${answer.status}`;
  const type = (answer.headers['content-type'] ?? '').split(';')[0].trim();
  const known = operationOf(method, path.split('?')[0]);
  const documented = known?.operation.responses[String(answer.status)];
  if (!documented) {
    assert.ok(answer.status >= 400, `${where}: a success that the contract does not name`);
    assert.equal(type, 'application/problem+json', `${where}: a problem has its own type; ${answer.text.slice(0, 200)}`);
    check(validator(pointer('components', 'schemas', 'Problem')), answer.body, where);
    assert.equal(answer.body.status, answer.status, `${where}: the problem repeats the status`);
    return;
  }
  if (!documented.content) {
    assert.equal(answer.text, '', `${where}: no body is documented`);
    return;
  }
  if (type === 'text/csv' && known.operation['x-csv']) return;
  const media = documented.content[type];
  assert.ok(media, `${where}: content type ${type} is not documented`);
  if (type === 'application/json')
    check(validator(pointer('paths', known.template, method.toLowerCase(), 'responses', String(answer.status), 'content', type, 'schema')), answer.body, where);
}
function check(validate, body, where) {
  assert.ok(validate(body), `${where}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body)?.slice(0, 2000)}`);
}

// --- the client ------------------------------------------------------------------------------------------------------

const base = new URL(demo.base_url);
const agent = new https.Agent({ keepAlive: true, maxSockets: 64, ca: readFileSync(demo.ca_file) });
after(() => agent.destroy());

/** A browser (cookie) or a script (token). Every answer is held against the contract. */
export class Client {
  cookie = null;
  token = null;

  /** options: body (an object, sent as JSON), raw (bytes as they are), headers, accept, ifMatch, key (Idempotency-Key). */
  async request(method, path, { body, raw, headers = {}, accept, ifMatch, key } = {}) {
    const bytes = raw !== undefined ? Buffer.from(raw) : body !== undefined ? Buffer.from(JSON.stringify(body)) : null;
    const all = { ...headers };
    if (bytes && !('content-type' in all)) all['content-type'] = 'application/json';
    if (bytes) all['content-length'] ??= bytes.length;
    if (this.token) all.authorization = `Bearer ${this.token}`;
    if (this.cookie && !this.token) all.cookie = this.cookie;
    if (accept) all.accept = accept;
    if (ifMatch !== undefined) all['if-match'] = `"${ifMatch}"`;
    if (key) all['idempotency-key'] = key;
    const answer = await send(method, path, all, bytes);
    this.keep(answer.headers['set-cookie']);
    holdAgainstContract(method, path, answer);
    return answer;
  }
  keep(cookies = []) {
    for (const cookie of cookies) {
      assert.match(cookie, /^__Host-connex=[^;]*; Path=\/; Secure; HttpOnly; SameSite=Strict(; Max-Age=0)?$/, 'a cookie as ASVS 3.3 asks');
      this.cookie = cookie.includes('Max-Age=0') ? null : cookie.split(';')[0];
    }
  }
  get(path, options) { return this.request('GET', path, options); }
  post(path, body, options) { return this.request('POST', path, { body, ...options }); }
  put(path, body, options) { return this.request('PUT', path, { body, ...options }); }
  patch(path, body, options) { return this.request('PATCH', path, { body, ...options }); }
  delete(path, options) { return this.request('DELETE', path, options); }

  /** As request, and the status must be what the test expects. */
  async expect(status, method, path, options) {
    const answer = await this.request(method, path, options);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text.slice(0, 600)}`);
    return answer;
  }
}

function send(method, path, headers, bytes) {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port: base.port, servername: 'localhost', agent, method, path, headers: { host: base.host, ...headers } }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const buffer = Buffer.concat(pieces);
        const text = buffer.toString('utf8');
        let body;
        if (/json/.test(response.headers['content-type'] ?? '')) body = JSON.parse(text);
        resolve({ status: response.statusCode, headers: response.headers, text, buffer, body });
      });
    });
    request.on('error', reject);
    request.end(bytes ?? undefined);
  });
}

/** Field names of a 422, and the codes at them: {npi: 'npi_check_digit'}. */
export const faults = (answer) => Object.fromEntries((answer.body.errors ?? []).map(({ field, code }) => [field, code]));

// --- the database, as its owner --------------------------------------------------------------------------------------

/** Runs SQL as the owner and gives the rows of its last SELECT (one json column). :'name' in the text is a value, quoted by psql. */
export function sql(text, values = {}) {
  const words = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', demo.pg.host, '-p', String(demo.pg.port), '-U', 'connex_owner', '-d', demo.pg.dbname];
  for (const [name, value] of Object.entries(values)) words.push('-v', `${name}=${value}`);
  return execFileSync('psql', words, { input: text, encoding: 'utf8' }).trim();
}
/** The rows of one SELECT as objects. */
export function rows(select, values = {}) {
  return JSON.parse(sql(`SELECT coalesce(json_agg(r), '[]') FROM (${select}) r;`, values));
}
export const one = (select, values) => rows(select, values)[0];

/** Sets the clock that rules read to now + shift ("91 days", "-1 hour") while `act` runs. */
export async function shifted(shift, act) {
  sql(`UPDATE connex.clock SET shift = :'shift'::interval;`, { shift });
  try {
    return await act();
  } finally {
    sql(`UPDATE connex.clock SET shift = '0';`);
  }
}
/** A setting's value while `act` runs. */
export async function withSetting(name, value, act) {
  const before = one(`SELECT value FROM connex.setting WHERE name = :'name'`, { name }).value;
  sql(`UPDATE connex.setting SET value = :'value' WHERE name = :'name';`, { name, value });
  try {
    return await act();
  } finally {
    sql(`UPDATE connex.setting SET value = :'before' WHERE name = :'name';`, { name, before });
  }
}

// --- mail ------------------------------------------------------------------------------------------------------------

/** The newest mail to an address whose subject fits, sent after `since` (a Date); waits for the jobs daemon. */
export async function mailTo(address, subject = /./, since = new Date(0), seconds = 15) {
  for (const end = Date.now() + seconds * 1000; ;) {
    const all = await (await fetch(`${demo.mailbox_url}/email`)).json();
    const found = all.filter((mail) => mail.to.some((to) => to.address.toLowerCase() === address.toLowerCase()) && subject.test(mail.subject)
      && new Date(mail.time ?? mail.date) >= since).at(-1);
    if (found) return found;
    assert.ok(Date.now() < end, `no mail ${subject} to ${address} within ${seconds} s`);
    await pause(100);
  }
}
/** The code that stands alone on a line of a mail. */
export const codeIn = (mail) => mail.text.match(/^\s+([0-9]{4,10})\s*$/m)?.[1] ?? assert.fail(`no code in the mail:\n${mail.text}`);
/** Mails to an address so far, to wait for one more. */
export async function mailCount(address) {
  const all = await (await fetch(`${demo.mailbox_url}/email`)).json();
  return all.filter((mail) => mail.to.some((to) => to.address.toLowerCase() === address.toLowerCase())).length;
}
/** The mail that comes after `act`. */
export async function mailAfter(address, subject, act) {
  const all = await (await fetch(`${demo.mailbox_url}/email`)).json();
  const seen = new Set(all.map(({ id }) => id));
  await act();
  for (const end = Date.now() + 15000; ;) {
    const now = await (await fetch(`${demo.mailbox_url}/email`)).json();
    const found = now.find((mail) => !seen.has(mail.id) && mail.to.some((to) => to.address.toLowerCase() === address.toLowerCase()) && subject.test(mail.subject));
    if (found) return found;
    assert.ok(Date.now() < end, `no mail ${subject} to ${address} within 15 s`);
    await pause(100);
  }
}

// --- people and provider accounts ------------------------------------------------------------------------------------

export const userOf = (role) => demo.users.find((user) => user.role === role) ?? assert.fail(`no demonstration user with the role ${role}`);

const dayCodes = new Map();
/** Password only: the client owes the security code. */
export async function password(user, given = user.password) {
  const client = new Client();
  await client.expect(200, 'POST', '/api/v1/session', { body: { user_id: user.user_id, password: given } });
  return client;
}
/** A complete log-in by the day's code: the one that makeUser() laid ready, else that of the mail (the same all day, MFA-03). */
export async function logIn(user, given = user.password) {
  const client = await password(user, given);
  let code = dayCodes.get(user.user_id) ?? user.code;
  if (!code) {
    code = codeIn(await mailAfter(user.email, /Your Security Code/, () => client.expect(202, 'POST', '/api/v1/session/security-code', { body: { method: 'email' } })));
    dayCodes.set(user.user_id, code);
  }
  await client.expect(200, 'POST', '/api/v1/session/security-code-verification', { body: { code } });
  return client;
}
export function forgetCode(user) {
  dayCodes.delete(user.user_id);
  delete user.code;
}

let serial = Number(process.hrtime.bigint() % 1000000n);
const next = () => (serial = (serial + 1) % 1000000);
const letters = (number) => [...Array(4).keys()].map((i) => String.fromCharCode(65 + (Math.floor(number / 26 ** i) % 26))).join('');

/** A valid NPI that nobody has: prefix 1, check digit by Luhn with 80840 (45 CFR 162.406). */
export function newNpi() {
  const nine = `1${String(10000000 + next() * 7 % 90000000).padStart(8, '0').slice(-8)}`;
  const digits = [...`80840${nine}`].map(Number);
  const sum = digits.reverse().reduce((total, digit, i) => total + (i % 2 === 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit), 0);
  return nine + String((10 - (sum % 10)) % 10);
}

/** A provider account of Part B in a state, with a check issued `days` ago. */
export function makeProviderAccount({ days = 10, amount = '1234.56', csn = null } = {}) {
  const number = next();
  const npi = newNpi();
  const ptan = `TST${String(number).padStart(6, '0')}`;
  const tin = `98${String(number * 13 % 10000000).padStart(7, '0')}`;
  const check_number = `CHK${Date.now() % 1000000}${number}`;
  const made = JSON.parse(sql(`WITH p AS (INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state,
      physical_street, physical_city, physical_state, physical_zip, billing_street, billing_city, billing_state, billing_zip, csn)
    SELECT contractor_no, :'npi', :'ptan', :'tin', 'Test Practice ' || :'ptan', 'part_b', 'ME', '1 Test Way', 'Portland', 'ME', '04101',
      'PO Box 7', 'Portland', 'ME', '04101', nullif(:'csn', '') FROM connex.contractor WHERE line_of_business = 'part_b' ORDER BY contractor_no LIMIT 1 RETURNING *),
    y AS (INSERT INTO connex.payment (contractor_no, provider_account_id, payment_number, method, amount, issued_on)
      SELECT contractor_no, provider_account_id, :'check_number', 'check', :'amount'::numeric, connex.today() - :'days'::integer FROM p)
    SELECT json_build_object('provider_account_id', provider_account_id::text, 'csn', csn, 'name', name) FROM p;`,
  { npi, ptan, tin, csn: csn ?? '', check_number, amount, days }));
  return { ...made, npi, ptan, tin_last5: tin.slice(-5), line_of_business: 'part_b', state: 'ME', check_number, check_amount: amount };
}

/** The HMAC of a day's code, as lib/token.c makes it, so that a log-in of a fixture need not wait for mail. */
const codeHash = (code) => createHmac('sha256', readFileSync(`${demo.var}/secret/code.key`)).update(`login\0\0${code}`).digest('hex');

/** An account that has the password of the demonstration's first user and, when verified, a code for today, made without the screens. */
export function makeUser({ kind = 'office', verified = true } = {}) {
  const number = next();
  const user_id = `${letters(number + 17 * (Date.now() % 9973))}${String(number % 1000).padStart(3, '0')}`;
  const email = `${user_id.toLowerCase()}@tests.example`;
  const first = demo.users[0];
  sql(`WITH u AS (INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
         VALUES (:'user_id', :'kind', 'Testa', 'Person', 'billing', :'email', CASE WHEN :'verified' = 'true' THEN connex.now() END) RETURNING user_account_id)
       INSERT INTO connex.credential (user_account_id, password_hash, changed_at)
       SELECT u.user_account_id, c.password_hash, connex.now() FROM u, connex.credential c JOIN connex.user_account f USING (user_account_id) WHERE f.user_id = :'first';
       INSERT INTO connex.mailed_code (user_account_id, purpose, code_hash, expires_at)
       SELECT user_account_id, 'login', decode(:'hash', 'hex'), (connex.today() + 1)::timestamp AT TIME ZONE connex.setting_text('time_zone')
         FROM connex.user_account WHERE user_id = :'user_id' AND :'verified' = 'true';`,
    { user_id, kind, email, verified, first: first.user_id, hash: codeHash('424242') });
  return { user_id, email, password: first.password, ...(verified ? { code: '424242' } : {}) };
}

/** Access that is approved, made without the screens. */
export function grantAccess(user, account, { functions = ['provider_profile', 'claims', 'eligibility', 'financials'], lso = false } = {}) {
  return sql(`WITH a AS (INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested, functions, lso, lso_requested)
      SELECT user_account_id, :'account'::bigint, 'approved', :'functions'::text[], :'functions'::text[], :'lso'::boolean, :'lso'::boolean
        FROM connex.user_account WHERE user_id = :'user_id' RETURNING access_id)
    SELECT access_id FROM a;`, { user_id: user.user_id, account: account.provider_account_id, functions: `{${functions}}`, lso });
}

// Tests log in often on one day: the number of codes an hour is a rule of its own, with a test of its own.
sql(`UPDATE connex.setting SET value = '100000' WHERE name = 'security_codes_per_hour';`);
