// A client of the API: a browser (cookie) or a script (token), each answer held against the contract; and people who have
// logged in with it.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { after } from 'node:test';
import { holdAgainstContract } from './contract.mjs';
import { demo, one } from './instance.mjs';
import { codeIn, mailAfter } from './mail.mjs';
import { grantAccess, makeProviderAccount, makeSession, makeUser } from './people.mjs';

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

// --- people who have logged in ---------------------------------------------------------------------------------------

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

/** A client with a complete session of `user`, made without logging in, which has tests of its own. */
export function enter(user) {
  const client = new Client();
  client.cookie = makeSession(user);
  return client;
}
/** A new provider account and a person of its office, logged in, with all functions (or the given ones). */
export async function office(functions) {
  const account = makeProviderAccount();
  const user = makeUser();
  grantAccess(user, account, functions ? { functions } : {});
  return { account, user, client: enter(user), path: `/api/v1/provider-accounts/${account.provider_account_id}` };
}
export const analyst = () => enter(demo.users.find(({ role }) => role === 'analyst'));

/** The audit rows of an action about a subject. */
export const audits = (action, subject_id) => one(`SELECT count(*)::int AS n FROM audit.event WHERE action = :'action' AND subject_id = :'id'::bigint`, { action, id: subject_id }).n;

/** Sends a file; the answer. */
export const upload = (client, path, bytes, name = 'operative note.pdf', headers = {}) => client.request('POST', `${path}/attachments`, {
  raw: bytes, headers: { 'content-type': 'application/pdf', 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`, ...headers },
});
/** What an office sends to file a redetermination. */
export const request = (claim, more = {}) => ({ claim_id: claim.claim_id, requester_name: 'Rosalind Biller', requester_phone: '207-555-0123', reason: 'The service was necessary: see the notes.', ...more });
