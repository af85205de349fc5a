// A large file from someone who may not send it: refused before any of it is stored, so that nobody without a credential
// can fill the disk.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { hangUp } from '../support/http.mjs';
import { demo, one, pause, rows } from '../support/instance.mjs';
import { ask, claimsOf, officerToken } from '../support/processes.mjs';

const base = new URL(demo.base_url);
const ca = readFileSync(demo.ca_file);
const size = 48 * 1024 * 1024;
const folder = join(demo.var, 'nginx/temp/body');
let token, path;

before(() => {
  const officer = officerToken();
  token = officer.token;
  path = `/api/v1/provider-accounts/${claimsOf(officer.user_id, 1)[0].provider_account_id}/attachments`;
});
after(hangUp);

/** Sends `bytes` of a file that is said to be 48 MB, and as much more as is taken until there is an answer. */
function upload(headers, { bytes = size } = {}) {
  return new Promise((resolve) => {
    let text = '', sent = 0;
    const socket = tls.connect({ host: '127.0.0.1', port: Number(base.port), servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] }, () => {
      const head = { host: base.host, 'content-type': 'application/pdf', 'content-length': size, 'content-disposition': 'attachment; filename="a.pdf"', ...headers };
      socket.write(`POST ${path} HTTP/1.1\r\n${Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
      const more = () => {
        while (sent < bytes && !text && socket.writable) {
          sent += 65536;
          if (!socket.write(Buffer.alloc(65536, 0x20))) { socket.once('drain', more); return; }
        }
      };
      more();
    });
    socket.setTimeout(20000, () => socket.destroy());
    socket.on('data', (piece) => {
      text += piece;
      const [head, body] = text.split('\r\n\r\n');
      if (body?.length >= Number(head.match(/content-length: (\d+)/i)?.[1] ?? Infinity)) socket.destroy();
    });
    socket.on('error', () => {}).on('close', () => {
      const [head, body = ''] = text.split('\r\n\r\n');
      resolve({ status: Number(head.match(/^HTTP\/1\.1 (\d{3})/)?.[1] ?? 0), head, body: body.startsWith('{') ? JSON.parse(body) : body });
    });
  });
}
const files = () => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
/** Every file that appears in nginx's folder of bodies while `act` runs. nginx keeps each open and deletes it at the end. */
async function stored(act) {
  const seen = [];
  const looks = [folder, ...readdirSync(folder).map((name) => join(folder, name)).filter((name) => statSync(name).isDirectory())].map((name) => watch(name, (_, file) => seen.push(file)));
  try {
    const answer = await act();
    await pause(100);
    return { answer, seen, left: files() };
  } finally {
    looks.forEach((look) => look.close());
  }
}

test('48 MB without a valid credential: 401 with the workers\' words, and no file', { timeout: 60000 }, async () => {
  const forged = `cnx_${randomBytes(32).toString('base64url')}AAAAAA`;
  const cases = { nothing: [{}, 'log_in'], 'a forged token': [{ authorization: `Bearer ${forged}` }, 'invalid_token'],
    'a cookie that nobody has': [{ cookie: `__Host-connex=${randomBytes(32).toString('base64url')}`, origin: demo.base_url }, 'log_in'] };
  const before_ = rows('SELECT count(*) AS n FROM connex.attachment')[0].n;
  for (const [what, [headers, code]] of Object.entries(cases)) {
    const { answer, seen, left } = await stored(() => upload(headers, { bytes: size / 48 })); // and waits for an answer
    assert.equal(answer.status, 401, `${what}: ${answer.head}`);
    assert.equal(answer.body.code, code, what);
    assert.equal(answer.body.status, 401);
    assert.ok(answer.body.detail.length > 8);
    assert.match(answer.head, /\r\ncontent-type: application\/problem\+json/i);
    assert.equal(answer.head.match(/\r\nwww-authenticate: Bearer/gi)?.length, 1, 'one challenge');
    assert.equal(answer.head.match(/\r\nx-request-id: (\w+)/i)[1], answer.body.request_id);
    assert.doesNotMatch(answer.head, /connex-problem/i, 'nothing of the inside');
    assert.deepEqual([seen, left], [[], 0], `${what}: nothing on the disk`);
  }
  assert.equal(rows('SELECT count(*) AS n FROM connex.attachment')[0].n, before_);
  assert.equal((await ask('GET', path)).headers['connex-problem'], undefined, 'nor where a client asks');
});

test('nor for another\'s provider account: 404 or 403, and no file', { timeout: 60000 }, async () => {
  const own = path;
  try {
    path = '/api/v1/provider-accounts/999999999/attachments';
    const { answer, seen } = await stored(() => upload({ authorization: `Bearer ${token}` }));
    assert.ok([403, 404].includes(answer.status), answer.head);
    assert.equal(answer.body.status, answer.status);
    assert.deepEqual(seen, []);
  } finally {
    path = own;
  }
});

test('who may send a file is asked nothing twice: it is read, and a file there is seen by this test', { timeout: 60000 }, async () => {
  const { answer, seen } = await stored(() => upload({ authorization: `Bearer ${token}` }));
  assert.equal(answer.status, 415, 'blanks are no PDF');
  assert.equal(answer.body.code, 'not_a_pdf');
  assert.notDeepEqual(seen, []);
  assert.equal(one('SELECT count(*) AS n FROM connex.attachment WHERE bytes = 48 * 1024 * 1024').n, 0);
});
