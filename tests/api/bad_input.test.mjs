// Bad input to every operation of the contract. The tests read what each operation declares from the contract, and so what its
// field table must refuse. Each refusal has the right status and says how to correct the input; nothing is stored.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, faults, logIn } from '../support/client.mjs';
import { contract, schemaOf } from '../support/contract.mjs';
import { one } from '../support/instance.mjs';
import { makeUser } from '../support/people.mjs';

const resolve = (schema) => (schema?.$ref ? resolve(schemaOf(schema.$ref.split('/').at(-1))) : schema);
const operations = Object.entries(contract.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({
  method: method.toUpperCase(), path, operation, name: `${method.toUpperCase()} ${path}`,
  url: path.replace(/\{[^}]+\}/g, '1'),
  open: operation.security?.length === 0,
  body: resolve(operation.requestBody?.content?.['application/json']?.schema),
})));
const withBody = operations.filter(({ body }) => body);
const api = operations.filter(({ path }) => path.startsWith('/api/'));
const passwordFields = /password/;
const identifierFields = /^(npi|ptan|tin_last5|state|user_id|csn|code|access_code|mbi|email|email_again|provider_account_id|check_number)$/;

let person;
const kept = () => one(`SELECT (SELECT count(*) FROM connex.user_account)::int AS users, (SELECT count(*) FROM connex.access)::int AS access, (SELECT count(*) FROM connex.token)::int AS tokens,
  (SELECT count(*) FROM connex.appeal)::int AS appeals, (SELECT count(*) FROM connex.attachment)::int AS attachments, (SELECT count(*) FROM connex.session)::int AS sessions,
  (SELECT count(*) FROM connex.access_event)::int AS events, (SELECT count(*) FROM connex.mailed_code)::int AS codes`);
let stored;
before(async () => {
  person = await logIn(makeUser());
  stored = kept();
});
after(() => assert.deepEqual(kept(), stored, 'nothing of all this was stored'));

const send = (operation, body, more = {}) => person.request(operation.method, operation.url, { ifMatch: 1, ...(body === undefined ? {} : { body }), ...more });
const wrongTypes = {
  string: [5, true, [], {}, 1.5], integer: ['x', 1.5, true, [], {}], boolean: ['true', 1, [], {}], array: ['x', 5, {}, [5.5], [null], [[]]],
};
const typeOf = (schema) => (Array.isArray(schema.type) ? schema.type[0] : schema.type ?? 'string');

test('every operation of the contract exists, and no other method of its path', async () => {
  for (const [path, item] of Object.entries(contract.paths).filter(([path]) => path.startsWith('/api/'))) {
    const known = Object.keys(item).map((method) => method.toUpperCase());
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !known.includes(method))) {
      const answer = await person.request(method, path.replace(/\{[^}]+\}/g, '1'), method === 'GET' || method === 'DELETE' ? {} : { body: {} });
      assert.equal(answer.status, 405, `${method} ${path}`);
      const allowed = answer.headers.allow.split(',').map((word) => word.trim()).filter((word) => word !== 'HEAD' && word !== 'OPTIONS');
      assert.deepEqual(allowed.sort(), known.toSorted(), `Allow of ${path}`);
    }
  }
});

test('a path that is not in the contract is not found', async () => {
  for (const path of ['/api/v1', '/api/v1/', '/api/v1/nothing', '/api/v1/session/', '/api/v2/session', '/api/v1/tokens/x', '/api/v1/tokens/01', '/api/v1/tokens/-1'])
    assert.equal((await person.request(path.includes('tokens/') ? 'DELETE' : 'GET', path)).status, 404, path);
});

test('401 without a credential, with a forged one, and with a mistyped token, whatever the body', async () => {
  for (const operation of api.filter(({ open }) => !open)) {
    const upload = operation.operation.requestBody && !operation.body;
    const options = operation.body ? { body: {} } : upload ? { raw: 'x', headers: { 'content-type': 'application/pdf' } } : {};
    for (const give of [{}, { cookie: `__Host-connex=${'B'.repeat(43)}` }, { cookie: '__Host-connex=' }, { token: `cnx_${'A'.repeat(49)}` }, { token: 'x' }]) {
      const client = Object.assign(new Client(), give);
      // A forged cookie of the right form is found out only after the check of the body, so {} may be answered first.
      const answer = await client.request(operation.method, operation.url, { ifMatch: 1, ...options });
      assert.ok(answer.status === 401 || (give.cookie?.length > 20 && answer.status === 422), `${operation.name}: ${answer.status}`);
    }
  }
});

test('what another site sends with the person\'s cookie is refused', async () => {
  for (const operation of api.filter(({ method }) => method !== 'GET')) {
    const options = operation.body ? { body: {} } : operation.operation.requestBody ? { raw: 'x', headers: { 'content-type': 'application/pdf' } } : {};
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
      const answer = await person.request(operation.method, operation.url, { ifMatch: 1, ...options, headers: { ...options.headers, ...headers } });
      // Before a file is taken, nginx asks whether the client may send one here, and this person may not.
      const refused = operation.name.endsWith('/attachments') ? '404 not_found' : '403 cross_site';
      assert.equal(`${answer.status} ${answer.body.code}`, refused, operation.name);
    }
  }
});

for (const operation of withBody) {
  test(`${operation.name}: every field that is missing, of the wrong type, too long, or holds what no text may hold`, async () => {
    const { required = [], properties } = operation.body;
    if (required.length > 0) assert.deepEqual(Object.keys(faults(await send(operation, {}))).sort(), required.toSorted(), 'an empty body names all required fields at once');
    for (const [field, given] of Object.entries(properties)) {
      const schema = resolve(given);
      const type = typeOf(schema);
      const tried = [...(wrongTypes[type] ?? assert.fail(`no wrong values for ${type}`))];
      if (type === 'string') {
        tried.push('x'.repeat(20000));
        if (!passwordFields.test(field)) tried.push('a\u0007b', 'a\u202eb');
        if (identifierFields.test(field)) tried.push('А1234567', '１２３\u0301');
        if (schema.enum) tried.push('no_such_choice');
        if (schema.format === 'date') tried.push('2026-02-30', '11/21/2026', '2026-1-1');
      }
      if (type === 'integer') tried.push(-1, 1e12);
      if (type === 'array') tried.push(Array(2000).fill('1'));
      for (const value of tried) {
        const answer = await send(operation, { [field]: value });
        assert.equal(answer.status, 422, `${field} = ${JSON.stringify(value).slice(0, 60)}: ${answer.text.slice(0, 300)}`);
        const code = faults(answer)[field];
        assert.ok(code && code !== 'required', `${field} = ${JSON.stringify(value).slice(0, 60)}: ${JSON.stringify(faults(answer))}`);
        assert.ok(answer.body.errors.every(({ message }) => message.length > 10), 'each fault says how to correct it');
      }
      if (required.includes(field)) for (const value of ['', null, '   '].filter((value) => type === 'string' || value === null))
        if (!(passwordFields.test(field) && value === '   ')) assert.equal(faults(await send(operation, { [field]: value }))[field], 'required', `${field} = ${JSON.stringify(value)}`);
    }
    const unknown = faults(await send(operation, { no_such_field: 1 }));
    assert.ok(unknown.no_such_field, 'an unknown name');
  });

  test(`${operation.name}: a body that is not a JSON object`, async () => {
    const raw = (bytes, headers = {}) => person.request(operation.method, operation.url, { ifMatch: 1, raw: bytes, headers });
    const field = Object.keys(operation.body.properties)[0];
    for (const [bytes, status] of [
      ['', 400], ['{', 400], [`{"${field}": "x`, 400], ['nonsense', 400], [`{"${field}": "A\\u0000B"}`, 400], [`{"${field}": 1, "${field}": 2}`, 400],
      [Buffer.from(`{"${field}": "\xff\xfe"}`, 'latin1'), 400], [`${'['.repeat(10000)}${']'.repeat(10000)}`, 400], [`{"${field}":`.repeat(10000), 400],
      [`{"${field}": "x"} and more`, 400], [`{"${field}": "\\ud800"}`, 400], [`{"${field}": 1e999}`, 400], ['[]', 422], ['"text"', 422], ['5', 422], ['null', 422],
    ]) {
      const answer = await raw(bytes);
      assert.equal(answer.status, status, `${String(bytes).slice(0, 40)}: ${answer.text.slice(0, 200)}`);
      if (status === 422) assert.deepEqual(faults(answer), { '': 'not_an_object' }, bytes); // RFC 8259: any value is JSON
      assert.ok(answer.body.detail?.length > 10 || answer.body.errors?.length > 0, 'it says how to correct it');
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json; charset=latin1'])
      assert.equal((await raw('{}', { 'content-type': type })).status, 415, type);
  });
}

test('an undeclared query and an unexpected body are refused', async () => {
  for (const operation of api.filter(({ method, operation }) => method === 'GET' || !operation.requestBody)) {
    if (operation.method === 'DELETE' || operation.path.endsWith('/extension')) continue; // these would do what they are asked
    assert.equal((await person.request(operation.method, `${operation.url}?no_such_field=1`, { ifMatch: 1 })).status, 422, operation.name);
    assert.equal((await person.request(operation.method, operation.url, { ifMatch: 1, body: {} })).status, 400, operation.name);
  }
});

test('If-Match: a missing one is 428, and anything but an ETag of ours is 400', async () => {
  for (const operation of api.filter(({ operation }) => operation.parameters?.some(({ $ref }) => $ref?.endsWith('/IfMatch')))) {
    const body = operation.body ? { body: {} } : {};
    assert.equal((await person.request(operation.method, operation.url, body)).status, 428, operation.name);
    for (const value of ['5', 'W/"5"', '"x"', '*', '"1", "2"', '""']) assert.equal((await person.request(operation.method, operation.url, { ...body, headers: { 'if-match': value } })).status, 400, value);
  }
});

test('pasted blanks and dashes are cleaned, not refused', async () => {
  const answer = await new Client().post('/api/v1/registrations', {
    npi: ' 1234-567\u00a0893\t', ptan: 'ab 12\u201334', tin_last5: '1 2-3 45', state: ' me ', user_id: ' abcd123 ', email: ' Person@Tests.Example ', work_phone: '+1 (207) 555.0123',
    check_amount: ' $1,234.50 ', check_number: '00-12 34', csn: 'ab-cd 1234', first_name: '  Ann   Marie ',
  });
  const wrong = faults(answer);
  for (const field of ['npi', 'ptan', 'tin_last5', 'state', 'user_id', 'email', 'work_phone', 'check_amount', 'check_number', 'csn', 'first_name']) assert.equal(wrong[field], undefined, field);
});
