// Requests from outside that are wrong in every way that we know of (issue 2, "Bad input"): methods, types, lengths, bodies
// that are slow or stop halfway, JSON of all kinds, fields of every type, and credentials that are forged, expired, or another
// person's. Each gets its status and a problem+json that says how to correct it. Nothing is stored, nothing leaks, and no
// worker crashes.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { hangUp } from '../support/http.mjs';
import { demo, pause, rows, sql } from '../support/instance.mjs';
import { ask, claimsOf, officerToken, workers } from '../support/processes.mjs';

const base = new URL(demo.base_url);
const ca = readFileSync(demo.ca_file);
let token, user_id, account, claim, processes, counts;
const search = () => `${account}/claim-searches`;

/** Rows that a wrong request could have left. */
const count = () => rows(`SELECT (SELECT count(*) FROM connex.user_account) AS users, (SELECT count(*) FROM connex.access) AS access,
  (SELECT count(*) FROM connex.appeal) AS appeals, (SELECT count(*) FROM connex.token) AS tokens, (SELECT count(*) FROM connex.attachment) AS attachments`)[0];

before(() => {
  ({ token, user_id } = officerToken());
  [claim] = claimsOf(user_id, 1);
  account = `/api/v1/provider-accounts/${claim.provider_account_id}`;
  processes = workers();
  counts = count();
});
after(hangUp);

/** Sends bytes unchanged on a connection of their own; returns the whole answer as text ('' if the server just closed). With
 * `leave`, the client disconnects after that many milliseconds. */
function raw(bytes, { leave, patience = 20000 } = {}) {
  return new Promise((resolve) => {
    const pieces = [];
    const socket = tls.connect({ host: '127.0.0.1', port: Number(base.port), servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] }, () => {
      socket.write(bytes);
      if (leave !== undefined) setTimeout(() => socket.destroy(), leave);
    });
    const done = () => resolve(Buffer.concat(pieces).toString('latin1'));
    socket.setTimeout(patience, () => socket.destroy());
    socket.on('data', (piece) => {
      pieces.push(piece);
      // The answer is complete: a server that refused may still wait a while for the rest of the request.
      const [headers, body] = Buffer.concat(pieces).toString('latin1').split('\r\n\r\n');
      if (body?.length >= Number(headers.match(/\r\ncontent-length: (\d+)/i)?.[1] ?? Infinity)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', done);
  });
}
const head = (line, headers = {}) => `${line} HTTP/1.1\r\n${Object.entries({ host: base.host, connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
const statusOf = (text) => Number(text.match(/^HTTP\/1\.1 (\d{3})/)?.[1] ?? 0);
const json = (length, more = {}) => ({ 'content-type': 'application/json', authorization: `Bearer ${token}`, 'content-length': length, ...more });
const post = (path, body, headers = {}) => raw(Buffer.concat([Buffer.from(head(`POST ${path}`, json(Buffer.byteLength(body), headers))), Buffer.from(body)]));

/** The answer is a refusal with this status, in the usual form, and shows nothing of the inside. */
function refused(text, status, what) {
  const [headers, body = ''] = text.split('\r\n\r\n');
  assert.ok([status].flat().includes(statusOf(text)), `${what}: ${status} expected, got ${text.slice(0, 400)}`);
  assert.match(headers, /content-type: application\/problem\+json/i, what);
  const problem = JSON.parse(Buffer.from(body, 'latin1').toString('utf8').replace(/^[0-9a-f]+\r\n|\r\n0\r\n$/gi, ''));
  assert.equal(problem.status, statusOf(text), what);
  assert.match(problem.code ?? '', /^[a-z0-9_]+$/, `${what}: a code word`);
  assert.ok((problem.detail ?? problem.errors?.[0]?.message ?? '').length > 8, `${what}: says how to correct it: ${body}`);
  assert.doesNotMatch(text, /pl\/pgsql|postgres|libpq|jansson|SELECT |ERROR:|\/home\/|\/work\/|\.c:\d+|nginx\/\d|<html/i, `${what}: nothing internal`);
  return problem;
}

describe('HTTP', () => {
  test('a method that does not exist is 405 and says which ones do', async () => {
    for (const method of ['DELETE', 'PUT', 'PATCH']) {
      const answer = await raw(head(`${method} /api/v1/attestation`, { 'content-length': 0 }));
      refused(answer, 405, method);
      assert.match(answer, /\r\nallow: .*GET/i);
    }
    const file = await raw(head('PUT /api/v1/openapi.json', { 'content-length': 0 }));
    refused(file, 405, 'a file');
    assert.match(file, /\r\nallow: GET, HEAD\r\n/i);
    // nginx refuses these before it looks at the address.
    for (const method of ['TRACE', 'CONNECT']) for (const path of ['/api/v1/attestation', '/login', '/'])
      refused(await raw(head(`${method} ${path}`)), 405, `${method} ${path}`);
    for (const path of ['/', '/assets/', '/index.html']) refused(await raw(head(`PUT ${path}`, { 'content-length': 0 })), [404, 405], `PUT ${path}`);
    for (const method of ['PROPFIND', 'BREW', 'get']) {
      const status = statusOf(await raw(head(`${method} /api/v1/attestation`)));
      assert.ok([400, 405, 501].includes(status), `${method}: ${status}`);
    }
  });

  test('an address that does not exist is 404, however it is written', async () => {
    for (const path of ['/api/v1/nothing', '/api/v2/session', '/api/v1/session/', '/api/v1//session', '/api/v1/SESSION', `${account}/claims/0`,
      `${account}/claims/-1`, `${account}/claims/1e3`, `${account}/claims/99999999999999999999`, `${account}/claims/1'%20OR%20'1'='1`,
      `${account}/claims/%00`, `${account}/claims/..%2f..%2fetc`, `${account}/claims/%zz`, `${account}/claims/%ff`])
      refused(await raw(head(`GET ${path}`, { authorization: `Bearer ${token}` })), [400, 404], path);
  });

  test('a host that is not ours is answered 421 and not redirected; ours keep working under each name', async () => {
    for (const host of ['evil.example', `evil.example:${base.port}`, 'localhost.evil.example', 'LOCALHOST.', '10.0.0.1', '[::2]', 'evil.example@localhost'])
      for (const path of ['/', '/api', '/login', '/assets', '/api/v1/attestation', '/metrics']) {
        const answer = await raw(head(`GET ${path}`, { host }));
        if (host === 'LOCALHOST.' && statusOf(answer) !== 421) continue; // the same name with the root's dot
        refused(answer, [400, 421], `${host}${path}`);
        assert.doesNotMatch(answer, /evil/i);
      }
    for (const host of ['localhost', base.host, 'LocalHost', '127.0.0.1', `127.0.0.1:${base.port}`, `[::1]:${base.port}`])
      assert.equal(statusOf(await raw(head('GET /api/v1/attestation', { host }))), 200, host);
    const led = await raw(head('GET /api'));
    assert.match(led, /\r\nlocation: \/api\/\r\n/i, 'a redirect names a path and no host');
  });

  test('a query string that is not declared is refused', async () => {
    refused(await raw(head(`GET ${account}/claims/${claim.claim_id}?debug=1`, { authorization: `Bearer ${token}` })), [400, 422], 'an unknown member');
    refused(await raw(head(`GET ${account}/remittances?limit=0`, { authorization: `Bearer ${token}` })), [403, 422], 'out of its bounds');
  });

  test('a body of another type is 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json5', 'application/xml', 'json'])
      refused(await post(search(), '{}', { 'content-type': type }), 415, type);
    const bare = json(2);
    delete bare['content-type'];
    refused(await raw(`${head(`POST ${search()}`, bare)}{}`), 415, 'no type');
  });

  test('a body without a length is refused, and a chunked one is read', async () => {
    const headers = json(0);
    delete headers['content-length'];
    refused(await raw(head(`POST ${search()}`, headers)), [400, 411], 'no length');
    const chunked = await raw(`${head(`POST ${search()}`, { ...headers, 'transfer-encoding': 'chunked' })}2\r\n{}\r\n0\r\n\r\n`);
    assert.ok([200, 422].includes(statusOf(chunked)), chunked.slice(0, 300));
    refused(await raw(`${head(`POST ${search()}`, { ...headers, 'content-length': '-5' })}{}`), 400, 'a negative length');
    refused(await raw(`${head(`POST ${search()}`, { ...headers, 'content-length': 'two' })}{}`), 400, 'a length in words');
    const both = await raw(`${head(`POST ${search()}`, { ...headers, 'content-length': 2, 'transfer-encoding': 'chunked' })}0\r\n\r\nGET / HTTP/1.1\r\n\r\n`);
    assert.equal(statusOf(both), 400, 'both lengths: smuggling');
  });

  test('100 MB are refused before they are sent', async () => {
    const began = Date.now();
    refused(await raw(`${head(`POST ${search()}`, json(100 * 1024 * 1024))}{"mbi": "`, { patience: 8000 }), 413, '100 MB');
    assert.ok(Date.now() - began < 5000, 'at once');
    refused(await post(search(), JSON.stringify({ mbi: 'x'.repeat(1_100_000) })), 413, 'more than 1 MB');
    // portal.md 1.5: a file of a case has 50 MB at most; nginx, the setting, and the message agree on the number.
    const limit = Number(rows(`SELECT value FROM connex.setting WHERE name = 'attachment_max_bytes'`)[0].value);
    assert.equal(limit, 50 * 1024 * 1024);
    const attachment = (length) => raw(`${head(`POST ${account}/attachments`, json(length, { 'content-type': 'application/pdf', 'content-disposition': 'attachment; filename="x.pdf"' }))}%PDF-1.4`, { leave: 3000 });
    assert.match(refused(await attachment(limit + 1), 413, 'a file of 50 MB and a byte').detail, /\b50 MB\b/);
    assert.equal(await attachment(limit), '', 'one of 50 MB is read');
  });

  test('heads that are too large or not HTTP at all', async () => {
    assert.ok([400, 414, 431].includes(statusOf(await raw(head('GET /api/v1/session', { cookie: 'x'.repeat(100_000) })))), 'a cookie of 100 kB');
    assert.ok([400, 414].includes(statusOf(await raw(head(`GET /api/v1/session?${'x'.repeat(100_000)}`)))), 'an address of 100 kB');
    for (const bytes of ['\r\n\r\n\r\n', 'HELO example.org\r\n\r\n', 'GET /api/v1/session HTTP/9.9\r\n\r\n', randomBytes(300)]) {
      const answer = await raw(Buffer.concat([Buffer.from(bytes), Buffer.from('\r\n\r\n')]), { patience: 12000 });
      assert.ok(answer === '' || [400, 408, 505].includes(statusOf(answer)), answer.slice(0, 200));
    }
  });

  // nginx does not answer a body that stops: it closes the connection client_body_timeout (10 s) after the last byte.
  test('clients that disconnect halfway through a body and bodies that never end cost no thread; the latter end after 10 s without an answer', { timeout: 60000 }, async () => {
    const before_ = count();
    await Promise.all([...Array(60).keys()].map(() => raw(`${head(`POST ${search()}`, json(1000))}{"mbi": "1EG4`, { leave: 200 })));
    const began = Date.now(); // more of them than there are threads of all workers together
    const slow = [...Array(60).keys()].map(() => raw(`${head(`POST ${search()}`, json(1000))}{`, { patience: 25000 }).then((answer) => ({ answer, seconds: (Date.now() - began) / 1000 })));
    await pause(300);
    const meanwhile = await Promise.all([...Array(20).keys()].map(() => ask('GET', `${account}/claims/${claim.claim_id}`, { token })));
    assert.ok(meanwhile.every(({ status }) => status === 200), 'others are served while sixty bodies are pending');
    assert.ok(Date.now() - began < 8000, 'and none of them waited for a body to end');
    for (const { answer, seconds } of await Promise.all(slow)) {
      assert.equal(answer, '');
      assert.ok(seconds > 9 && seconds < 16, `closed after ${seconds} s`);
    }
    assert.deepEqual(count(), before_, 'nothing was stored');
  });
});

describe('JSON', () => {
  const cases = {
    'nothing': '', 'blanks': '  \n', 'cut off': '{"mbi": "1EG4TE5', 'cut in a name': '{"mb', 'an array': '[]', 'a text': '"mbi"', 'a number': '1', 'null': 'null',
    'true': 'true', 'two documents': '{}{}', 'something behind': '{} x', 'a comma too much': '{"mbi": "1",}', 'single quotes': "{'mbi': '1'}",
    'a comment': '{/* */}', 'NaN': '{"limit": NaN}', 'a number out of range': '{"limit": 1e999}', 'an integer of 21 digits': '{"limit": 100000000000000000000}', 'one key twice': '{"mbi": "1EG4TE5MK73", "mbi": "1EG4TE5MK72"}',
    '10,000 arrays deep': `{"mbi": ${'['.repeat(10000)}${']'.repeat(10000)}}`, '10,000 objects deep': `${'{"a":'.repeat(10000)}1${'}'.repeat(10000)}`,
    '10,000 open brackets': '['.repeat(10000), 'a lone surrogate': '{"mbi": "\\ud800"}', 'bytes that are not UTF-8': Buffer.from([0x7b, 0x22, 0x6d, 0x62, 0x69, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
    'an overlong slash': Buffer.from([0x7b, 0x22, 0x6d, 0x62, 0x69, 0x22, 0x3a, 0x22, 0xc0, 0xaf, 0x22, 0x7d]), 'UTF-16': Buffer.from('{"mbi": "1"}', 'utf16le'), 'a NUL': '{"mbi": "1\\u0000"}',
    'a NUL as a byte': '{"mbi": "1\0"}', 'a raw line break in a text': '{"mbi": "1\n2"}',
  };
  for (const [what, body] of Object.entries(cases))
    test(what, async () => { refused(await post(search(), body), [400, 422], what); });
});

describe('fields', () => {
  /** What the service says about one field of a claim search: '' or its codes. */
  const told = async (body) => {
    const answer = await ask('POST', search(), { token, body });
    assert.ok([200, 422].includes(answer.status), `${JSON.stringify(body).slice(0, 200)}: ${answer.status} ${answer.text.slice(0, 300)}`);
    for (const error of answer.body.errors ?? []) assert.ok(error.code && error.message.length > 8, JSON.stringify(error));
    return { status: answer.status, fields: (answer.body.errors ?? []).map(({ field }) => field), text: answer.text };
  };

  test('a wrong type, length, alphabet, or value is reported at its field', async () => {
    const wrong = {
      mbi: [1, true, [], {}, ['1EG4TE5MK73'], '', '   ', '1', 'X'.repeat(100_000), '1EG4TE5MK7S', '\u0410EG4TE5MK73', '1EG4TE5MK7\u0007', '1EG4\u202eTE5MK73', "1' OR '1'='1", '<script>', '💊'.repeat(11)],
      from: [20260101, '', '2026-02-30', '01/02/2026', '2026-1-2', '0000-00-00', '2026-01-01T00:00:00Z', '9'.repeat(5000), '２０２６-01-01x', 'yesterday'],
      status: [1, '', 'PAID', 'paid ; drop', ['paid'], 'unknown'],
      limit: ['x', 0, -1, 101, 1.5, 9007199254740993, {}, '9'.repeat(400)],
      control_no: [1, {}, 'x'.repeat(24), '\u0001', 'a\u0002b'],
    };
    for (const [field, values] of Object.entries(wrong))
      for (const value of values) {
        const { status, fields } = await told({ [field]: value });
        // An empty text of an optional field may mean "not given".
        if (typeof value === 'string' && value.trim() === '' && status === 200) continue;
        assert.equal(status, 422, `${field} = ${JSON.stringify(value).slice(0, 60)}`);
        assert.deepEqual(fields, [field], JSON.stringify(value).slice(0, 60));
      }
  });

  test('what pasting brings along is cleaned, not refused', async () => {
    const known = rows(`SELECT m.mbi FROM connex.claim c JOIN connex.beneficiary_mbi m USING (beneficiary_id) WHERE c.claim_id = :'claim_id'::bigint LIMIT 1`, claim)[0]?.mbi;
    const plain = await ask('POST', search(), { token, body: { mbi: known } });
    assert.equal(plain.status, 200, plain.text);
    for (const typed of [` ${known}\t`, known.toLowerCase(), `${known.slice(0, 4)}-${known.slice(4, 7)}-${known.slice(7)}`, `\ufeff${known.slice(0, 4)}\u00a0${known.slice(4)}\u200b`, `${known.slice(0, 4)}\u2011${known.slice(4)}`]) {
      const answer = await ask('POST', search(), { token, body: { mbi: typed } });
      assert.equal(answer.status, 200, `${JSON.stringify(typed)}: ${answer.text.slice(0, 200)}`);
      assert.deepEqual(answer.body.items, plain.body.items);
    }
  });

  test('all faults are reported at once, including unknown fields', async () => {
    const { status, fields } = await told({ mbi: 'x', from: 'x', to: 'y', limit: 0, nonsense: 1, __proto__x: {} });
    assert.equal(status, 422);
    assert.deepEqual([...fields].sort(), ['__proto__x', 'from', 'limit', 'mbi', 'nonsense', 'to']);
  });

  test('a registration with nothing right names every field', async () => {
    const body = { attestation_version: 'x', user_id: 'ABC1234', password: 1, password_again: null, first_name: '\u0001', last_name: '', job_role: 'king', work_phone: '1', mobile_phone: {},
      email: 'nobody', email_again: 'a@b', lso: 'yes', npi: '1234567890', ptan: '!', tin_last5: '123456789', line_of_business: 'part_d', state: 'XX', functions: ['all'], check_amount: 'much' };
    let answer;
    for (let i = 0; i < 10; i++) {
      answer = await ask('POST', '/api/v1/registrations', { body });
      if (answer.status !== 429) break;
      await pause(1000 * Number(answer.headers['retry-after']));
    }
    assert.equal(answer.status, 422, answer.text);
    const fields = new Set(answer.body.errors.map(({ field }) => field));
    for (const field of Object.keys(body)) assert.ok(fields.has(field), `${field} is named: ${[...fields]}`);
    assert.doesNotMatch(answer.text, /1234567890|123456789|ABC1234/, 'what was typed is not repeated');
  });
});

describe('credentials', () => {
  const get = (headers) => raw(head(`GET ${account}/claims/${claim.claim_id}`, headers));

  test('missing, forged, mangled, or misplaced ones are 401', async () => {
    const forged = `cnx_${randomBytes(32).toString('base64url')}`;
    const cases = {
      'none': {}, 'an empty bearer': { authorization: 'Bearer ' }, 'another scheme': { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }, 'the token without its scheme': { authorization: token },
      'a forged token': { authorization: `Bearer ${forged}AAAAAA` }, 'a letter too much': { authorization: `Bearer ${token}x` }, 'a letter less': { authorization: `Bearer ${token.slice(0, -1)}` },
      'a token of 10 kB': { authorization: `Bearer ${'A'.repeat(7000)}` }, 'a forged cookie': { cookie: `__Host-connex=${randomBytes(32).toString('base64url')}` }, 'the token as cookie': { cookie: `__Host-connex=${token}` },
      'a cookie of another name': { cookie: `connex=${randomBytes(32).toString('base64url')}` }, 'a cookie with signs': { cookie: "__Host-connex=' OR 1=1 --" },
    };
    for (const [what, headers] of Object.entries(cases)) refused(await get(headers), 401, what);
    assert.equal(statusOf(await get({ authorization: `Bearer ${token}` })), 200, 'the right one');
  });

  test('an expired or revoked token is 401, one without the function is 403, and another provider account says nothing', async () => {
    const expired = officerToken(), revoked = officerToken();
    const set = (made, what) => sql(`UPDATE connex.token SET ${what} WHERE secret_hash = sha256(convert_to(:'text', 'UTF8'));`, { text: made.token });
    set(expired, `expires_at = connex.now() - interval '1 second'`);
    set(revoked, `revoked_at = connex.now()`);
    refused(await get({ authorization: `Bearer ${expired.token}` }), 401, 'expired');
    refused(await get({ authorization: `Bearer ${revoked.token}` }), 401, 'revoked');
    const ask_eligibility = JSON.stringify({ mbi: '1EG4TE5MK73', last_name: 'Nobody', first_name: 'N', birth_on: '1950-01-01' });
    refused(await post(`${account}/eligibility-lookups`, ask_eligibility), 403, 'a token for claims alone');
    const foreign = rows(`SELECT p.provider_account_id::text AS id FROM connex.provider_account p WHERE NOT EXISTS (SELECT FROM connex.access a JOIN connex.user_account u USING (user_account_id)
      WHERE u.user_id = :'user_id' AND a.provider_account_id = p.provider_account_id) LIMIT 1`, { user_id })[0].id;
    const there = refused(await raw(head(`GET /api/v1/provider-accounts/${foreign}/claims/${claim.claim_id}`, { authorization: `Bearer ${token}` })), [403, 404], 'another provider account');
    const nowhere = refused(await raw(head(`GET /api/v1/provider-accounts/999999999/claims/${claim.claim_id}`, { authorization: `Bearer ${token}` })), [403, 404], 'no provider account');
    assert.deepEqual([there.status, there.code, there.detail], [nowhere.status, nowhere.code, nowhere.detail], 'the answer does not tell that it exists');
  });

  test('a cookie from another site changes nothing', async () => {
    const cookie = `__Host-connex=${randomBytes(32).toString('base64url')}`;
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])
      refused(await raw(head('POST /api/v1/session/extension', { cookie, 'content-length': 0, ...headers })), [401, 403], JSON.stringify(headers));
  });
});

test('after all that, nothing was stored and no worker crashed', async () => {
  const now = count();
  assert.deepEqual({ ...now, tokens: 0 }, { ...counts, tokens: 0 });
  assert.deepEqual(workers().filter((pid) => !processes.includes(pid)), [], 'none was replaced');
  const { status } = await ask('GET', '/readyz');
  assert.equal(status, 200);
});
