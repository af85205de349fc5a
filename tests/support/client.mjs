// A client of the API, either a browser (cookie) or a script (token), which checks every answer against the contract; and
// people who have logged in with it.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { holdAgainstContract } from './contract.mjs';
import { send } from './http.mjs';
import { demo, one } from './instance.mjs';
import { codeIn, mailAfter } from './mail.mjs';
import { grantAccess, makeProviderAccount, makeSession, makeUser } from './people.mjs';

/** A browser (cookie) or a script (token). It checks every answer against the contract. */
export class Client {
  cookie = null;
  token = null;

  /** options: body (an object, sent as JSON), raw (bytes, sent unchanged), headers, accept, ifMatch, key (Idempotency-Key). */
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
    const answer = await send(method, path, { headers: all, bytes });
    if (answer.error) throw answer.error;
    this.keep(answer.headers['set-cookie']);
    holdAgainstContract(method, path, answer);
    return answer;
  }
  keep(cookies = []) {
    for (const cookie of cookies) {
      assert.match(cookie, /^__Host-connex=[^;]*; Path=\/; Secure; HttpOnly; SameSite=Strict(; Max-Age=0)?$/, 'the cookie has the attributes that ASVS 3.3 requires');
      this.cookie = cookie.includes('Max-Age=0') ? null : cookie.split(';')[0];
    }
  }
  get(path, options) { return this.request('GET', path, options); }
  post(path, body, options) { return this.request('POST', path, { body, ...options }); }
  put(path, body, options) { return this.request('PUT', path, { body, ...options }); }
  patch(path, body, options) { return this.request('PATCH', path, { body, ...options }); }
  delete(path, options) { return this.request('DELETE', path, options); }

  /** Like request(), but fails unless the status is the expected one. */
  async expect(status, method, path, options) {
    const answer = await this.request(method, path, options);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text.slice(0, 600)}`);
    return answer;
  }
}

/** The fields that a 422 names, with their codes: {npi: 'npi_check_digit'}. */
export const faults = (answer) => Object.fromEntries((answer.body.errors ?? []).map(({ field, code }) => [field, code]));

// --- people who have logged in ---------------------------------------------------------------------------------------

export const userOf = (role) => demo.users.find((user) => user.role === role) ?? assert.fail(`no demonstration user with the role ${role}`);

const dayCodes = new Map();
/** Gives the password only. The security code is still to come. */
export async function password(user, given = user.password) {
  const client = new Client();
  await client.expect(200, 'POST', '/api/v1/session', { body: { user_id: user.user_id, password: given } });
  return client;
}
/** Logs in with the day's code: the one that makeUser() stored, otherwise the one in the mail (the same all day, MFA-03). */
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

/** A client with a complete session of `user`, made without logging in. Logging in has its own tests. */
export function enter(user) {
  const client = new Client();
  client.cookie = makeSession(user);
  return client;
}
/** A new provider account and a user of its office who is logged in, with all functions or only the given ones. */
export async function office(functions) {
  const account = makeProviderAccount();
  const user = makeUser();
  grantAccess(user, account, functions ? { functions } : {});
  return { account, user, client: enter(user), path: `/api/v1/provider-accounts/${account.provider_account_id}` };
}
export const analyst = () => enter(demo.users.find(({ role }) => role === 'analyst'));

/** How many audit rows there are for an action on a subject. */
export const audits = (action, subject_id) => one(`SELECT count(*)::int AS n FROM audit.event WHERE action = :'action' AND subject_id = :'id'::bigint`, { action, id: subject_id }).n;

/** Uploads a file and returns the answer. */
export const upload = (client, path, bytes, name = 'operative note.pdf', headers = {}) => client.request('POST', `${path}/attachments`, {
  raw: bytes, headers: { 'content-type': 'application/pdf', 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`, ...headers },
});
/** The body that files a redetermination. */
export const request = (claim, more = {}) => ({ claim_id: claim.claim_id, requester_name: 'Rosalind Biller', requester_phone: '207-555-0123', reason: 'The service was necessary: see the notes.', ...more });
