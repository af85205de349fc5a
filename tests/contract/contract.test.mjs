// Checks the joined contract (build/gen/openapi.json) with a linter and with the clients that other tools generate from it, and
// scripts/contract with parts left out: each omission must fail with its file and line.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..', '..');
const contract = path.join(root, 'build', 'gen', 'openapi.json');
const run = (program, args, options = {}) => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: here, ...options });
  return { status, text: `${stdout}${stderr}` };
};
const tool = (name, ...args) => run(path.join(here, 'node_modules', '.bin', name), args);

test('the joined contract passes the linter', () => {
  const { status, text } = tool('redocly', 'lint', contract, '--config', 'redocly.yaml', '--format', 'stylish');
  assert.equal(status, 0, text);
});

const document = JSON.parse(fs.readFileSync(contract, 'utf8'));
const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
const refersTo = (schema) => (schema.$ref ? document.components.schemas[schema.$ref.split('/').pop()] : schema);

test('every answer with a body has an example', () => {
  for (const { operationId, responses } of operations)
    for (const [status, { content = {} }] of Object.entries(responses))
      for (const [type, { example, examples }] of Object.entries(content)) assert.ok(example !== undefined || Object.keys(examples ?? {}).length, `${operationId} ${status} ${type}`);
});

test('answers are open for new members, and requests are closed', () => {
  const closed = (schema) => JSON.stringify(schema).includes('"additionalProperties":false');
  let bodies = 0;
  for (const { operationId, requestBody, responses } of operations) {
    const body = requestBody?.content['application/json'];
    if (body) assert.equal(refersTo(body.schema).additionalProperties, false, operationId);
    bodies += body ? 1 : 0;
    for (const { content = {} } of Object.values(responses))
      for (const { schema } of Object.values(content)) assert.equal(closed(refersTo(schema)), false, operationId);
  }
  assert.ok(bodies > 20);
});

test('the enums of answers say that words may be added, and those of requests do not', () => {
  const { ClaimStatus, AccessEvent, AccessDecision } = document.components.schemas;
  assert.match(ClaimStatus.description, /Words may be added/);
  assert.match(AccessEvent.properties.action.description, /Words may be added/);
  assert.equal(AccessDecision.properties.decision.description, undefined);
});

// ---------------------------------------------------------------- clients made by other tools

const made = fs.mkdtempSync(path.join(here, 'generated-'));
test.after(() => fs.rmSync(made, { recursive: true, force: true }));

/** Compiles one of our programs together with what a generator made. */
function compile(program) {
  fs.copyFileSync(path.join(here, program), path.join(made, program));
  return tool('tsc', '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler',
    '--lib', 'es2022,dom,dom.iterable', path.join(made, program));
}

test('openapi-typescript with openapi-fetch: the types compile and are usable', () => {
  const { status, text } = tool('openapi-typescript', contract, '-o', path.join(made, 'schema.d.ts'));
  assert.equal(status, 0, text);
  assert.equal(compile('client_openapi_fetch.ts').text, '');
});

test('@hey-api/openapi-ts: the client compiles and is usable', () => {
  const { status, text } = tool('openapi-ts', '-i', contract, '-o', path.join(made, 'hey-api'), '-c', '@hey-api/client-fetch', '--no-log-file');
  assert.equal(status, 0, text);
  assert.equal(compile('client_hey_api.ts').text, '');
});

test('orval: the client compiles and is usable', () => {
  const config = path.join(made, 'orval.config.cjs');
  fs.writeFileSync(config, `module.exports = { connex: { input: ${JSON.stringify(contract)}, output: { target: './orval.ts', client: 'fetch' } } };\n`);
  const { status, text } = tool('orval', '--config', config);
  assert.equal(status, 0, text);
  assert.equal(compile('client_orval.ts').text, '');
});

// ---------------------------------------------------------------- what is left out

/** Runs scripts/contract.mjs on a copy of its input, in which `change` has replaced a text that occurs once. */
function generate(file, from, to) {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'contract-'));
  try {
    for (const name of ['fcgi', 'sql']) fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
    const text = fs.readFileSync(path.join(copy, file), 'utf8');
    assert.equal(text.split(from).length, 2, `${file}: ${from} occurs once`);
    fs.writeFileSync(path.join(copy, file), text.replace(from, to));
    const line = text.slice(0, text.indexOf(from)).split('\n').length;
    return { ...run('node', [path.join(root, 'scripts', 'contract.mjs'), path.join(copy, 'gen')], { cwd: copy }), line };
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
}

test('the contract as it is now is accepted', () => {
  assert.deepEqual(generate('fcgi/area/claim.yaml', 'operationId: claim_get\n', 'operationId: claim_get\n').text, '');
});

const omissions = [
  ['no x-right', 'fcgi/area/home.yaml', '      x-right: member\n', '', /home\.yaml:\d+: home_get does not say who may call it: x-right/],
  ['an unknown x-right', 'fcgi/area/home.yaml', 'x-right: member', 'x-right: everyone', /home\.yaml:\d+: x-right everyone is none of/],
  ['nothing about audit', 'fcgi/area/claim.yaml', '      x-audit: claim_view\n', '', /claim\.yaml:\d+: claim_get has no word on audit/],
  ['no reason why there is no audit row', 'fcgi/area/claim.yaml', 'x-audit: claim_search', 'x-audit: {none: ""}', /claim\.yaml:\d+: x-audit is an action word, or \{none: why/],
  ['no x-mode', 'fcgi/area/eligibility.yaml', '      x-mode: read\n', '', /eligibility\.yaml:\d+: eligibility_lookup: x-mode is one of/],
  ['an operation without a handler', 'fcgi/area/claim.yaml', 'operationId: claim_get', 'operationId: claim_one', /claim\.yaml:\d+: claim_one has no handler/],
  ['a handler without an operation', 'fcgi/area/claim.c', 'enum status claim_get(struct request *request) {', 'enum status claim_gat(struct request *request) {',
    /claim\.c:\d+: handler claim_gat has no operation/],
  ['a subject that is not a path parameter', 'fcgi/area/claim.yaml', 'x-subject: claim_id', 'x-subject: appeal_id', /claim\.yaml:\d+: x-subject appeal_id is not a parameter of the path/],
  ['a view of one thing whose audit row names nothing', 'fcgi/area/claim.yaml', '      x-subject: claim_id\n', '', /claim\.yaml:\d+: claim_get does not say what its audit row is about: x-subject: claim_id, or none/],
  ['a decision whose audit row names nothing', 'fcgi/area/desk.yaml', 'x-audit: desk_take\n      x-subject: appeal_id\n', 'x-audit: desk_take\n', /desk\.yaml:\d+: desk_take does not say what its audit row is about/],
  ['a change of something versioned without If-Match', 'fcgi/area/desk.yaml', 'x-audit: desk_take\n      x-subject: appeal_id\n      x-if-match: true\n', 'x-audit: desk_take\n      x-subject: appeal_id\n', /desk\.yaml:\d+: desk_take changes something that has a version: x-if-match/],
  ['no reason why there is no If-Match', 'fcgi/area/access.yaml', 'x-if-match: {none: "the access code is good for one activation, whatever else has changed"}', 'x-if-match: {none: ""}', /access\.yaml:\d+: x-if-match is true, or \{none: why\}/],
  ['an Idempotency-Key on a read', 'fcgi/area/claim.yaml', 'x-audit: claim_search', 'x-audit: claim_search\n      x-idempotency-key: true', /claim\.yaml:\d+: claim_search only reads/],
  ['a creation without Idempotency-Key', 'fcgi/area/token.yaml', '      x-idempotency-key: true\n', '', /token\.yaml:\d+: token_create creates something/],
  ['a 201 without its address', 'fcgi/area/token.yaml', '      x-location: /api/v1/tokens/{token_id}\n', '', /token\.yaml:\d+: token_create answers 201, so it needs x-location/],
  ['a right by provider account without one in the path', 'fcgi/area/home.yaml', 'x-right: member', 'x-right: claims', /home\.yaml:\d+: x-right claims needs \{provider_account_id\}/],
  ['an unknown schema', 'fcgi/area/claim.yaml', 'requestBody: ClaimSearch', 'requestBody: ClaimSeek', /claim\.yaml:\d+: there is no schema ClaimSeek/],
  ['an unknown problem', 'fcgi/area/desk.yaml', 'x-subject: attachment_id', 'x-subject: attachment_id\n      x-problems: [409 nothing]', /desk\.yaml:\d+: 409 nothing is not in x-problem-codes/],
  ['a misspelled word', 'fcgi/area/home.yaml', 'x-right: member', 'x-right: member\n      x-subjekt: none', /home\.yaml:\d+: x-subjekt is not known here/],
  ['a member without an example', 'fcgi/area/claim.yaml', '        diagnoses: {type: array, items: Text}', '        ailments: {type: array, items: Text}', /claim\.yaml:\d+: ailments needs an example/],
  ['an example that no answer needs', 'fcgi/contract.yaml', 'version: 1, count: 1,', 'version: 1, counts: 1, count: 1,', /contract\.yaml:\d+: no answer needs an example of counts/],
  ['a schema for a request and an answer', 'fcgi/area/session.yaml', 'requestBody: CodeEntry\n      responses: {200: {description: Verified, schema: Next}}', 'requestBody: Next\n      responses: {200: {description: Verified, schema: Next}}', /session\.yaml:\d+: schema Next is in a request and in an answer/],
  ['a change that shares a transaction', 'fcgi/area/token.yaml', 'operationId: token_create\n', 'operationId: token_create\n      x-shared: true\n', /token\.yaml:\d+: token_create cannot share a transaction/],
  ['an unknown statement to plan ahead', 'fcgi/area/home.yaml', 'x-plan-ahead: [home_get]', 'x-plan-ahead: [home_got]', /home\.yaml:\d+: there is no statement home_got/],
];
for (const [name, file, from, to, says] of omissions)
  test(`fails with file and line: ${name}`, () => {
    const { status, text, line } = generate(file, from, to);
    assert.equal(status, 1, text);
    assert.match(text, says);
    const told = Number(/:(\d+): /.exec(text.split('\n').find((one) => says.test(one)))[1]);
    assert.ok(Math.abs(told - line) <= 12, `line ${told} is near ${line}`);
  });
