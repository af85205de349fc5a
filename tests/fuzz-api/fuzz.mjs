// Sends requests made from the contract to every route, as nobody, an office user, a Local Security Officer, the
// contractor's analyst, and a token, and holds of every answer: never a 5xx, never another's data, always what the contract
// says. Run by `make fuzz-api N=30000 [SEED=1]`; ends with `N requests, 0 faults`.
// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { makeBeneficiary, makeClaim, pdf } from '../support/claims.mjs';
import { holdAgainstContract, operations } from '../support/contract.mjs';
import { demo, one, sql } from '../support/instance.mjs';
import { grantAccess, letters, makeProviderAccount, makeSession, makeToken, makeUser, newCsn } from '../support/people.mjs';
import { body, chance, encode, headers, NASTY, query } from './mutate.mjs';

const count = Number(process.env.N ?? 30000);
const seed = Number(process.env.SEED ?? 1);
const CLIENTS = 8;
const base = new URL(demo.base_url);
const agent = new https.Agent({ keepAlive: true, maxSockets: CLIENTS, ca: readFileSync(demo.ca_file) });

// ---------------------------------------------------------------- who asks, and what nobody of them may see

/** Words that stand only in records of an office that none of the callers belongs to. */
const planted = [`Zq${letters(8)}`, `Zq${letters(8)}`, `Zq${letters(8)}`].map((word) => word.toLowerCase().replace(/^zq/, 'Zq'));
const strangers = makeProviderAccount({ name: `${planted[0]} Clinic` });
const stranger = makeUser({ first_name: 'Stranger', last_name: planted[1] });
grantAccess(stranger, strangers, { lso: true });
const strangeClaim = makeClaim(strangers, { last_name: planted[2] });
makeBeneficiary({ last_name: planted[2], mbi: strangeClaim.mbi });

const mine = makeProviderAccount({ csn: newCsn() });
const user = makeUser(), officer = makeUser();
grantAccess(user, mine);
grantAccess(officer, mine, { lso: true });
const claims = [makeClaim(mine), makeClaim(mine, { status: 'paid', lines: [{ paid: 80 }] }), makeClaim(mine, { status: 'pending' })];
const person = makeBeneficiary();
const staff = makeUser({ kind: 'analyst' });

const callers = {
  nobody: { headers: () => ({}) },
  office: { person: user },
  officer: { person: officer },
  token: { headers: () => ({ authorization: `Bearer ${token}` }) },
  // The analyst sees every office; for him only the form of the answers counts.
  staff: { person: staff, sees: true },
};
let token = makeToken(user, ['claims', 'eligibility', 'financials', 'provider_profile']);
for (const caller of Object.values(callers))
  if (caller.person) {
    caller.cookie = makeSession(caller.person);
    caller.headers = () => ({ cookie: caller.cookie });
  }

const world = {
  ids: [mine.provider_account_id, strangers.provider_account_id, strangeClaim.claim_id, strangeClaim.remittance_id, ...claims.map(({ claim_id }) => claim_id),
    ...claims.map(({ remittance_id }) => remittance_id).filter(Boolean), '1', '2', '3', '9223372036854775807'],
  mbi: person.mbi, npi: mine.npi, ptan: mine.ptan, tomorrow: new Date(Date.now() + 86400000).toISOString().slice(0, 10),
};

// ---------------------------------------------------------------- one request

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];
const routes = operations.filter(({ path }) => path !== '/metrics');

function make(dice) {
  const operation = dice.one(routes);
  const who = dice.one(Object.keys(callers));
  let path = operation.path.replace(/\{(\w+)\}/g, (_, name) => {
    if (name === 'provider_account_id' && dice.maybe(0.75)) return mine.provider_account_id;
    if (name === 'claim_id' && dice.maybe(0.6)) return dice.one(claims).claim_id;
    return dice.maybe(0.85) ? dice.one(world.ids) : encode(dice.one(NASTY)).slice(0, 2000) || '0';
  });
  if (path.startsWith('/api/') && dice.maybe(0.02)) path += dice.one(['/', '//', '/x', '%2f', ';a=b', '.json']);
  path += query((operation.parameters ?? []).filter((one) => one.in === 'query'), dice, world);
  const method = dice.maybe(0.04) ? dice.one(methods) : operation.method;
  const all = { ...headers(dice), ...callers[who].headers() };
  const schema = operation.requestBody?.content['application/json']?.schema;
  let bytes = null;
  if (schema || (dice.maybe(0.03) && method !== 'GET')) bytes = Buffer.from(body(schema ?? { type: 'object', properties: {} }, dice, world));
  if (operation['x-stream']) {
    bytes = dice.one([pdf(), Buffer.from('not a PDF'), Buffer.alloc(0), pdf(100000), pdf().subarray(0, 200)]);
    all['content-type'] ??= 'application/pdf';
    if (dice.maybe(0.9)) all['content-disposition'] = dice.one(["attachment; filename*=UTF-8''note.pdf", 'attachment; filename="a.pdf"', 'inline', "attachment; filename*=UTF-8''%00", 'x'.repeat(300)]);
  }
  if (bytes) {
    all['content-type'] ??= 'application/json';
    all['content-length'] = bytes.length;
  }
  return { operation, who, method, path, headers: all, bytes };
}

function send({ method, path, headers: given, bytes }) {
  return new Promise((resolve) => {
    const failed = (error) => resolve({ status: 0, headers: {}, text: String(error) });
    let request;
    try {
      request = https.request({ host: '127.0.0.1', port: base.port, servername: 'localhost', agent, method, path, headers: { host: base.host, ...given }, timeout: 30000 }, (answer) => {
        const pieces = [];
        answer.on('data', (piece) => pieces.push(piece));
        answer.on('error', failed);
        answer.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          let parsed;
          try { parsed = /json/.test(answer.headers['content-type'] ?? '') && text ? JSON.parse(text) : undefined; } catch (error) { parsed = { unreadable: String(error) }; }
          resolve({ status: answer.statusCode, headers: answer.headers, text, body: parsed });
        });
      });
    } catch (error) { // a header that HTTP itself does not allow is never sent
      resolve({ status: -1, headers: {}, text: String(error) });
      return;
    }
    request.on('timeout', () => request.destroy(new Error('no answer within 30 s')));
    request.on('error', failed);
    request.end(bytes ?? undefined);
  });
}

// ---------------------------------------------------------------- what must hold

/** What nginx refuses before a worker sees it has codes of its own, for no operation. */
const byServer = new Set([...readFileSync(new URL('../../scripts/render-nginx', import.meta.url), 'utf8').matchAll(/^[0-9]{3}\|(\w+)\|/gm)].map(([, code]) => code));

/** What is wrong with an answer; null when nothing is. */
function wrong(asked, answer) {
  if (answer.status === -1) return null;
  if (answer.status === 0) return `no answer: ${answer.text}`;
  if (answer.status >= 500) return `${answer.status}: ${answer.text.slice(0, 300)}`;
  if (!callers[asked.who].sees)
    for (const word of planted) if (answer.text.includes(word)) return `another office's data: ${word}`;
  if (asked.method === 'HEAD') return answer.text === '' ? null : 'HEAD with a body';
  const path = asked.path.split('?')[0];
  // What nginx itself refuses has no operation.
  try {
    holdAgainstContract(asked.method, path, answer);
  } catch (error) {
    return error.message;
  }
  const listed = asked.operation.responses[String(answer.status)]?.content?.['application/problem+json']?.examples;
  if (answer.status >= 400 && asked.method === asked.operation.method && !byServer.has(answer.body.code) && !(answer.body.code in (listed ?? {}))) return `${answer.status} ${answer.body.code} is not listed for ${asked.operation.operationId}`;
  if (answer.body?.errors && answer.body.errors.length > 20) return `${answer.body.errors.length} errors`;
  return null;
}

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
const curl = ({ method, path, headers: given, bytes }) => ['curl', '-sk', '-X', method, ...Object.entries(given).filter(([name]) => name !== 'content-length').map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
  ...(bytes ? [`--data-binary ${quoted(bytes.toString('utf8').slice(0, 2000))}`] : []), quoted(`${demo.base_url}${path}`)].join(' ');

/** Log-outs, code checks, and password changes end sessions; a revoked token is dead: whoever lost his credential gets a new one. */
function renew(asked, answer) {
  const caller = callers[asked.who];
  if (asked.who === 'token' && answer.status === 401) token = makeToken(user, ['claims', 'eligibility', 'financials', 'provider_profile']);
  else if (caller.person && (answer.status === 401 || answer.headers['set-cookie'])) caller.cookie = makeSession(caller.person);
}

const dice = chance(seed);
const faults = [];
const told = new Map();
let sent = 0;
async function client() {
  while (sent < count) {
    sent += 1;
    const asked = make(dice);
    const answer = await send(asked);
    renew(asked, answer);
    const fault = wrong(asked, answer);
    if (!fault) continue;
    const kind = `${asked.operation.operationId} ${fault.slice(0, 60)}`;
    told.set(kind, (told.get(kind) ?? 0) + 1);
    faults.push(kind);
    if (told.get(kind) === 1 && told.size <= 40) console.log(`FAULT ${asked.operation.operationId} as ${asked.who}: ${fault}\n      ${curl(asked).slice(0, 1500)}`);
  }
}

console.log(`${count} requests to ${routes.length} operations, SEED=${seed}`);
const began = Date.now();
await Promise.all(Array.from({ length: CLIENTS }, client));
agent.destroy();
// Whatever was sent, what belongs to others is as it was.
const after = one(`SELECT a.status, a.lso FROM connex.access a JOIN connex.user_account u USING (user_account_id) WHERE u.user_id = :'user_id'`, { user_id: stranger.user_id });
if (after.status !== 'approved' || !after.lso) faults.push("another office's access was changed");
if (sql(`SELECT count(*) FROM connex.appeal WHERE claim_id = :'id'::bigint`, { id: strangeClaim.claim_id }) !== '0') faults.push("another office's claim was appealed");
for (const [kind, times] of told) console.log(`${String(times).padStart(6)} x ${kind}`);
console.log(`in ${Math.round((Date.now() - began) / 1000)} s`);
console.log(`${sent} requests, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
