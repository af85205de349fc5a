// Health, readiness, metrics, the contract, and what every answer has.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Client } from '../support/client.mjs';
import { contract } from '../support/contract.mjs';
import { demo, one, sql, until } from '../support/instance.mjs';

const anyone = () => new Client();

test('a worker that is alive and reaches its database says so', async () => {
  for (const path of ['/healthz', '/readyz']) {
    const answer = await anyone().expect(200, 'GET', path);
    assert.deepEqual({ ...answer.body, build: undefined }, { status: 'ok', build: undefined });
  }
});

test('every answer forbids storing and sniffing and carries the request id (ASVS 14.3.2)', async () => {
  for (const [status, path] of [[200, '/healthz'], [404, '/api/v1/nothing'], [401, '/api/v1/session']]) {
    const { headers, body } = await anyone().expect(status, 'GET', path);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(headers['x-request-id'], /^[0-9a-f]{32}$/);
    if (status >= 400) assert.equal(body.request_id, headers['x-request-id'], 'the problem names the same id');
  }
});

test('a 401 says how to authenticate, and never why it failed', async () => {
  const ask = async (authorization) => {
    const { headers, body } = await anyone().expect(401, 'GET', '/api/v1/session', authorization ? { headers: { authorization } } : {});
    const { request_id, ...rest } = body;
    return [headers['www-authenticate'], rest];
  };
  for (const none of [undefined, 'Basic dXNlcjpwYXNz']) {
    const [challenge, problem] = await ask(none);
    assert.deepEqual([challenge, problem.code], ['Bearer', 'log_in'], 'RFC 9110 section 11.6.1');
  }
  const bad = await Promise.all(['Bearer x', `Bearer cnx_${'A'.repeat(49)}`].map(ask));
  assert.deepEqual([bad[0][0], bad[0][1].code], ['Bearer error="invalid_token"', 'invalid_token'], 'RFC 6750 section 3.1');
  assert.deepEqual(bad[0], bad[1], 'malformed or unknown: the same answer');
});

test('a wrong method is told which ones are allowed', async () => {
  const answer = await anyone().expect(405, 'DELETE', '/healthz');
  assert.equal(answer.headers.allow, 'GET, HEAD, OPTIONS');
});

/** The sum of a counter's series that have all the labels. */
function counter(text, name, labels) {
  let sum = 0;
  for (const line of text.split('\n'))
    if (line.startsWith(`${name}{`) && labels.every((label) => line.includes(label))) sum += Number(line.slice(line.lastIndexOf(' ')));
  return sum;
}

test('metrics tell the queues, what failed, the loads, the connections, and the build', async () => {
  await anyone().expect(200, 'GET', '/metrics'); // the workers have asked the database once, and must ask it again
  const [waiting] = sql(`INSERT INTO connex.outbox (kind, to_address, subject, body, state, next_try_at) VALUES
    ('test', 'nobody@tests.example', 'Late', 'x', 'waiting', clock_timestamp() + interval '1 hour'), ('test', 'nobody@tests.example', 'Failed', 'x', 'failed', clock_timestamp()) RETURNING outbox_id;`).split('\n');
  sql(`INSERT INTO connex.load_run (kind, file_name, state, started_at, finished_at) VALUES ('payments', 'figures.csv', 'clean', now(), now());`);
  const failed = Number(one(`SELECT count(*) AS n FROM connex.outbox WHERE state = 'failed'`).n);
  const figure = (text, name) => Number(text.split('\n').find((line) => line.startsWith(`${name} `))?.slice(name.length + 1));
  try {
    const text = await until('the workers ask the database again', async () => {
      const { text } = await anyone().expect(200, 'GET', '/metrics');
      return figure(text, 'connex_queue_failed{queue="mail"}') === failed && figure(text, 'connex_last_load_timestamp_seconds{kind="payments"}') > Date.now() / 1000 - 60 && text;
    });
    assert.equal(figure(text, 'connex_database_up'), 1);
    for (const queue of ['jobs', 'mail', 'letters']) assert.ok(figure(text, `connex_queue_due_seconds{queue="${queue}"}`) >= 0, queue);
    assert.ok(figure(text, 'connex_queue_due_seconds{queue="mail"}') < 3000, 'what is not due does not count');
    assert.ok(figure(text, 'connex_database_connections{role="connex_app"}') >= 1);
    assert.ok(figure(text, 'connex_database_connections_most') >= 100);
    assert.equal(figure(text, 'connex_database_standbys'), 0);
    assert.match(text, /^connex_build_info\{build="[0-9a-f]{12}"\} 1$/m);
    assert.ok(figure(text, 'connex_password_hashes_total') >= 0 && figure(text, 'connex_password_busy_total') >= 0 && figure(text, 'connex_password_waiting') >= 0);
    assert.doesNotMatch(text, /tests\.example|figures\.csv/);
  } finally {
    sql(`DELETE FROM connex.outbox WHERE to_address = 'nobody@tests.example'; DELETE FROM connex.load_run WHERE file_name = 'figures.csv';`);
  }
  assert.ok(waiting);
});

test('metrics count each route, in Prometheus text, without any path that a client sent', async () => {
  const before = (await anyone().expect(200, 'GET', '/metrics')).text;
  const labels = ['method="GET"', 'route="/healthz"'];
  for (let i = 0; i < 5; i++) await anyone().expect(200, 'GET', '/healthz');
  await anyone().expect(404, 'GET', '/api/v1/some-name-typed-here');
  const answer = await anyone().expect(200, 'GET', '/metrics');
  assert.ok(counter(answer.text, 'connex_requests_total', labels) - counter(before, 'connex_requests_total', labels) >= 5);
  assert.ok(counter(answer.text, 'connex_request_seconds_count', labels) >= 5);
  const inf = counter(answer.text, 'connex_request_seconds_bucket', [...labels, 'le="+Inf"']);
  assert.equal(inf, counter(answer.text, 'connex_request_seconds_count', labels), 'the last bucket has all of them');
  assert.ok(!answer.text.includes('some-name-typed-here'));
  for (const line of answer.text.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{[^}]*(\{[a-z_]+\}[^}]*)*\})? [0-9.+e-]+)$/);
});

test('metrics are for this machine only: under another host name they are not found', async () => {
  const answer = await anyone().request('GET', '/metrics', { headers: { host: 'portal.example' } });
  assert.ok([404, 421].includes(answer.status), `${answer.status}`);
});

test('HEAD is GET without its body', async () => {
  const whole = await anyone().expect(200, 'GET', '/healthz');
  const answer = await new Promise((resolve, reject) => {
    const url = new URL('/healthz', demo.base_url);
    https.request(url, { method: 'HEAD', ca: readFileSync(demo.ca_file) }, (response) => {
      let bytes = 0;
      response.on('data', (piece) => { bytes += piece.length; });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, bytes }));
    }).on('error', reject).end();
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.bytes, 0);
  assert.equal(answer.headers['content-length'], whole.headers['content-length']);
});

test('nginx serves the contract as a file: compressed if asked, and 304 if it has not changed', async () => {
  const get = (headers) => new Promise((resolve, reject) => {
    https.get(new URL('/api/v1/openapi.json', demo.base_url), { ca: readFileSync(demo.ca_file), headers }, async (response) => {
      const pieces = await response.toArray();
      resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(pieces) });
    }).on('error', reject);
  });
  const plain = await get({});
  assert.equal(plain.status, 200);
  assert.equal(plain.headers['content-type'], 'application/json');
  assert.equal(plain.headers.vary, 'Accept-Encoding');
  assert.deepEqual(JSON.parse(plain.bytes), contract, 'the one that was built');
  const compressed = await get({ 'accept-encoding': 'gzip' });
  assert.equal(compressed.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(compressed.bytes), plain.bytes);
  assert.equal((await get({ 'if-none-match': plain.headers.etag })).status, 304);
});

test('the jobs daemon indexes a month of the audit trail when it is over', async () => {
  const indexes = `SELECT count(*) FROM pg_indexes WHERE schemaname = 'audit' AND indexname LIKE to_char(now() AT TIME ZONE 'UTC' - interval '1 month', '"event_"YYYYMM"_by_%"')`;
  await until('both indexes', () => one(indexes).count === 2, 20);
});
