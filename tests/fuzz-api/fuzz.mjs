// Sends requests made from the contract to every route, as nobody, an office user, a Local Security Officer, the
// contractor's analyst, and a token. No answer may be a 5xx, hold another's data, or differ from the contract. Run by
// `make fuzz-api N=30000 [SEED=1]`; ends with `N requests, 0 faults`.
// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pdf } from '../support/claims.mjs';
import { holdAgainstContract, operationOf, operations } from '../support/contract.mjs';
import { hangUp, send } from '../support/http.mjs';
import { demo } from '../support/instance.mjs';
import { makeWorld } from './callers.mjs';
import { body, chance, encode, good, headers, NASTY, query } from './mutate.mjs';

const count = Number(process.env.N ?? 30000);
const seed = Number(process.env.SEED ?? 1);
const CLIENTS = 8;
const { callers, world, others, restore } = await makeWorld();
const before = others.state();

// ---------------------------------------------------------------- one request

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'];
const routes = operations.filter(({ path }) => path !== '/metrics');

/** Who may call an operation, by its x-right. */
const entitled = { none: ['nobody'], lso: ['officer'], analyst: ['staff'], step: ['office', 'officer', 'staff'], person: ['office', 'officer'] };

/** One request in three is a good one, so that the others meet records that were really made and changed. */
function make(dice) {
  const operation = dice.one(routes);
  const careful = dice.maybe(0.33);
  const who = dice.one(careful ? entitled[operation['x-right']] ?? ['office', 'officer', 'token'] : Object.keys(callers));
  let path = operation.path.replace(/\{(\w+)\}/g, (_, name) => {
    if (name === 'provider_account_id' && (careful || dice.maybe(0.7))) return world.account.provider_account_id;
    if (name === 'claim_id' && dice.maybe(0.6)) return dice.one(world.claims).claim_id;
    if (world.found[name] && (careful || dice.maybe(0.6))) return dice.one(world.found[name]);
    return dice.maybe(0.85) ? dice.one([...world.ids, ...world.foreign]) : encode(dice.one(NASTY)).slice(0, 2000) || '0';
  });
  // Other addresses are pages, which answer in HTML.
  if (!careful && path.startsWith('/api/') && dice.maybe(0.02)) path += dice.one(['/', '//', '/x', '%2f', ';a=b', '.json', '/..', '%00', `/${'x'.repeat(9000)}`]);
  if (!careful) path += query((operation.parameters ?? []).filter((one) => one.in === 'query'), dice, world);
  const method = !careful && dice.maybe(0.04) ? dice.one(methods) : operation.method;
  const all = { ...(careful ? {} : headers(dice)), ...callers[who].headers() };
  const schema = operation.requestBody?.content['application/json']?.schema;
  if (operation['x-if-match'] && (careful || dice.maybe(0.5))) all['if-match'] = `"${1 + dice.below(3)}"`;
  let bytes = null;
  if (careful && schema) bytes = Buffer.from(JSON.stringify(good(schema, '', dice, world)));
  else if (schema || (!careful && dice.maybe(0.03) && method !== 'GET')) bytes = Buffer.from(body(schema ?? { type: 'object', properties: {} }, dice, world));
  if (operation['x-stream']) {
    bytes = careful ? pdf() : dice.one([pdf(), Buffer.from('not a PDF'), Buffer.alloc(0), pdf(100000), pdf().subarray(0, 200)]);
    all['content-type'] ??= 'application/pdf';
    if (careful) all['content-disposition'] = 'attachment; filename="a.pdf"';
    else if (dice.maybe(0.9)) all['content-disposition'] = dice.one(["attachment; filename*=UTF-8''note.pdf", 'attachment; filename="a.pdf"', 'inline', "attachment; filename*=UTF-8''%00", 'x'.repeat(300)]);
  }
  if (bytes) {
    all['content-type'] ??= 'application/json';
    all['content-length'] = bytes.length;
  }
  return { operation, who, method, path, headers: all, bytes };
}

// ---------------------------------------------------------------- what must hold

/** The codes of nginx's own refusals, which belong to no operation. */
const byServer = new Set([...readFileSync(new URL('../../scripts/render-nginx', import.meta.url), 'utf8').matchAll(/^[0-9]{3}\|(\w+)\|/gm)].map(([, code]) => code));

/** What is wrong with an answer; null when nothing is. */
function wrong(asked, answer) {
  if (answer.status === -1) return null;
  if (answer.status === 0) return `no answer: ${answer.text}`;
  if (answer.status >= 500) return `${answer.status}: ${answer.text.slice(0, 300)}`;
  const path = asked.path.split('?')[0];
  const operation = operationOf(asked.method, path)?.operation;
  for (const word of callers[asked.who].hidden(operation ?? {}))
    if (answer.text.includes(word)) return `another's data: ${word}`;
  if (asked.method === 'HEAD') return answer.text === '' ? null : 'HEAD with a body';
  try {
    holdAgainstContract(asked.method, path, answer);
  } catch (error) {
    return error.message;
  }
  if (answer.headers['x-content-type-options'] !== 'nosniff' || !answer.headers['x-request-id']) return 'no X-Content-Type-Options or X-Request-Id';
  const listed = operation?.responses[String(answer.status)]?.content?.['application/problem+json']?.examples ?? {};
  if (operation && answer.status >= 400 && !byServer.has(answer.body.code) && !(answer.body.code in listed)) return `${answer.status} ${answer.body.code} is not listed`;
  if (answer.body?.errors?.length > 20) return `${answer.body.errors.length} errors`;
  return null;
}

/** The last ids of each kind, and the last cursors, that answers gave, so that later requests reach what earlier ones made. */
function remember(value) {
  if (Array.isArray(value)) value.forEach(remember);
  else if (value && typeof value === 'object')
    for (const [name, one] of Object.entries(value)) {
      if ((name.endsWith('_id') && /^[0-9]+$/.test(one)) || (name === 'next' && typeof one === 'string' && one.includes('.'))) world.found[name] = [one, ...(world.found[name] ?? [])].slice(0, 20);
      else remember(one);
    }
}

// ---------------------------------------------------------------- the report

const folder = join(demo.var, 'results/fuzz-api');
mkdirSync(folder, { recursive: true });
const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
/** A command that sends the request again, while its session lasts. The body is in a file. */
function curl({ method, path, headers: given, bytes }, number) {
  const words = ['curl', '-sk', '--path-as-is', '-X', method];
  // With "name;", curl sends an empty header.
  for (const [name, value] of Object.entries(given)) if (name !== 'content-length') words.push('-H', quoted(value === '' ? `${name};` : `${name}: ${value}`));
  if (bytes) {
    const file = join(folder, `${number}.body`);
    writeFileSync(file, bytes);
    words.push('--data-binary', `@${file}`);
  }
  return [...words, quoted(`${demo.base_url}${path}`)].join(' ');
}

const dice = chance(seed);
const told = new Map();
const reached = new Map(); // operationId -> how many requests succeeded
let sent = 0, faults = 0;
function fault(operationId, words, more = '') {
  faults += 1;
  const kind = `${operationId} ${words.slice(0, 60)}`;
  told.set(kind, (told.get(kind) ?? 0) + 1);
  if (told.get(kind) === 1 && told.size <= 40) console.log(`FAULT ${operationId} ${words}${more}`);
}
async function client() {
  while (sent < count) {
    const number = sent += 1;
    if (number % 500 === 0) restore();
    const asked = make(dice);
    let answer = await send(asked.method, asked.path, asked);
    // A kept connection can close just before a request is sent on it. A second time, on a new connection, is a fault.
    if (answer.error?.code === 'ECONNRESET') answer = await send(asked.method, asked.path, { ...asked, write: (request) => request.end(asked.bytes ?? undefined) });
    // Logging out, checking codes, and changing passwords end sessions, and a token can be revoked.
    if (answer.status === 401 || answer.headers['set-cookie']) callers[asked.who].renew();
    const { operationId } = asked.operation;
    if (answer.status < 300 && answer.status > 0) {
      reached.set(operationId, (reached.get(operationId) ?? 0) + 1);
      if (asked.method !== 'OPTIONS') remember(answer.body);
    }
    const words = wrong(asked, answer);
    if (words) fault(operationId, words, `\n      as ${asked.who}, SEED=${seed}, request ${number}:\n      ${curl(asked, number)}`);
  }
}

console.log(`${count} requests to ${routes.length} operations, SEED=${seed}`);
const began = Date.now();
await Promise.all(Array.from({ length: CLIENTS }, client));
hangUp();
if (others.state() !== before) fault('any', "another office's records were changed");
for (const [kind, times] of told) console.log(`${String(times).padStart(6)} x ${kind}`);
const refused = routes.filter(({ operationId }) => !reached.has(operationId)).map(({ operationId }) => operationId);
console.log(`${routes.length - refused.length} of ${routes.length} operations succeeded at least once${refused.length ? `; never: ${refused.join(' ')}` : ''}`);
console.log(`in ${Math.round((Date.now() - began) / 1000)} s`);
console.log(`${sent} requests, ${faults} faults`);
process.exit(faults ? 1 : 0);
