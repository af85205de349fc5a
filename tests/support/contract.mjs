// Checks answers against the contract, and records each (operation, status, problem code) that was seen in
// VAR/results/seen/, one to a line, for tests/support/coverage.mjs.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { demo } from './instance.mjs';

export const contract = JSON.parse(readFileSync(new URL('../../build/gen/openapi.json', import.meta.url), 'utf8'));

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addFormat('binary', true);
/** Answers are published open, because members may be added. What they have today is all that the tests accept. */
const closed = (value) => (Array.isArray(value) ? value.map(closed) : value === null || typeof value !== 'object' ? value
  : { ...Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closed(one)])),
    ...(value.type === 'object' && value.properties ? { additionalProperties: false } : {}) });
ajv.addSchema(closed(contract), 'contract');
const pointer = (...parts) => `contract#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
const compiled = new Map();
function validator(reference) {
  if (!compiled.has(reference)) compiled.set(reference, ajv.compile({ $ref: reference }));
  return compiled.get(reference);
}
const templates = Object.keys(contract.paths).map((path) => ({
  path, pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`), parts: (path.match(/\{/g) ?? []).length,
})).sort((a, b) => a.parts - b.parts);

/** The contract's path and operation for a request; null if it has none. */
export function operationOf(method, path) {
  const found = templates.find(({ pattern }) => pattern.test(path));
  const operation = found && contract.paths[found.path][method.toLowerCase()];
  return operation ? { template: found.path, operation } : null;
}
export const schemaOf = (name) => contract.components.schemas[name];

/** Every operation with its path and method. */
export const operations = Object.entries(contract.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })));

const seenFile = join(demo.var, 'results', 'seen', `${process.pid}.jsonl`);
mkdirSync(join(demo.var, 'results', 'seen'), { recursive: true });
const seen = new Set();
function note(operation, status, code) {
  const line = JSON.stringify([operation, status, code]);
  if (seen.has(line)) return;
  seen.add(line);
  appendFileSync(seenFile, `${line}\n`);
}

/** Fails when the answer is not what the contract says: status, content type, every member of the body, the problem's code. */
export function holdAgainstContract(method, path, answer) {
  const where = `${method} ${path} -> ${answer.status}`;
  const type = (answer.headers['content-type'] ?? '').split(';')[0].trim();
  const known = operationOf(method, path.split('?')[0]);
  const documented = known?.operation.responses[String(answer.status)];
  checkHeaders(documented, answer, where);
  if (answer.status >= 400) {
    assert.equal(type, 'application/problem+json', `${where}: a problem is application/problem+json; ${answer.text.slice(0, 200)}`);
    check(validator(pointer('components', 'schemas', 'Problem')), answer.body, where);
    assert.equal(answer.body.status, answer.status, `${where}: the problem repeats the status`);
    if (known) note(known.operation.operationId, answer.status, answer.body.code);
    return;
  }
  if (method === 'OPTIONS' && answer.status === 204) return;
  assert.ok(documented, `${where}: the contract does not list this success`);
  note(known.operation.operationId, answer.status, null);
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

/** Headers with a meaning, which an answer may have only where the contract says so. */
const meant = ['etag', 'location', 'link', 'connex-next', 'content-disposition', 'idempotency-replayed', 'x-session-expires'];
function checkHeaders(documented, answer, where) {
  if (!documented) return;
  const listed = Object.entries(documented.headers ?? {}).map(([name, header]) => [name.toLowerCase(), header.$ref ? contract.components.headers[header.$ref.split('/').pop()] : header]);
  for (const [name, { required, schema }] of listed) {
    const value = answer.headers[name];
    assert.ok(value !== undefined || !required, `${where}: the contract says that it has the header ${name}`);
    if (value !== undefined && schema.pattern) assert.match(value, new RegExp(schema.pattern), `${where}: ${name}`);
  }
  if (answer.status < 400)
    for (const name of meant) assert.ok(!(name in answer.headers) || listed.some(([one]) => one === name), `${where}: the contract does not list the header ${name}`);
}
function check(validate, body, where) {
  assert.ok(validate(body), `${where}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body)?.slice(0, 2000)}`);
}
