// A disk that is full: what needs room is refused by name, what was acknowledged is there, and all is well again as soon as
// there is room. On a small disk of its own (tmpfs, which needs root), with a copy of the instance's database.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pdf } from '../support/claims.mjs';
import { demo, sql, until } from '../support/instance.mjs';
import { claimsOf, officerToken } from '../support/processes.mjs';
import { Second } from '../support/second.mjs';
import { Standby } from '../support/standby.mjs';

const service = statSync(join(demo.var, 'log'));
const disk = mkdtempSync(join(tmpdir(), 'connex-disk-'));
const room = Math.ceil(Number(sql('SELECT sum(pg_database_size(oid)) FROM pg_database;')) / 1048576) + 60; // MB
const small = process.getuid() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${room}m`, 'tmpfs', disk]).status === 0;
const skip = small ? false : 'a small disk cannot be mounted here: root is needed';
const ballast = join(disk, 'ballast');
let copy, portal, token, path;

before(async () => {
  if (!small) return;
  chmodSync(disk, 0o755);
  chownSync(disk, service.uid, service.gid);
  const officer = officerToken();
  token = officer.token;
  path = `/api/v1/provider-accounts/${claimsOf(officer.user_id, 1)[0].provider_account_id}/attachments`;
  copy = Standby.start({ data: disk });
  copy.promote();
  portal = await Second.start({ settings: { CONNEX_DB: copy.db('connex_app') } });
  writeFileSync(ballast, Buffer.alloc(20 * 1048576));
});
after(async () => {
  await portal?.end();
  copy?.end();
  if (small) execFileSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

/** Sends a PDF of 3 MB that no compression makes smaller; its SHA-256 with the answer. */
function upload() {
  const bytes = pdf(0, randomBytes(2_200_000).toString('base64'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return new Promise((resolve) => {
    const request = https.request({ host: '127.0.0.1', port: portal.port, servername: 'localhost', rejectUnauthorized: false, agent: false, method: 'POST', path, headers: { host: `localhost:${portal.port}`,
      authorization: `Bearer ${token}`, 'content-type': 'application/pdf', 'content-length': bytes.length, 'content-disposition': 'attachment; filename="a.pdf"' } }, (answer) => {
      let text = '';
      answer.on('data', (piece) => { text += piece; }).on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: JSON.parse(text), sha256 }));
    });
    request.on('error', (error) => resolve({ status: 0, body: {}, why: error.message }));
    request.end(bytes);
  });
}

test('full: 503 storage_full, not ready; what was acknowledged is whole; with room again, it goes on by itself', { skip, timeout: 120000 }, async (t) => {
  const kept = [];
  let answer;
  for (let i = 0; i < 60; i++) {
    answer = await upload();
    if (answer.status !== 201) break;
    kept.push(answer.sha256);
  }
  t.diagnostic(`${kept.length} files of 3 MB on a disk of ${room} MB`);
  assert.ok(kept.length > 0, JSON.stringify(answer.body));
  assert.deepEqual([answer.status, answer.body.code], [503, 'storage_full'], JSON.stringify(answer.body));
  assert.ok(Number(answer.headers['retry-after']) > 1);
  assert.equal((await portal.ask('GET', '/readyz')).body.code, 'storage_full');
  assert.match((await portal.ask('GET', '/metrics')).text, /^connex_sqlstate_total\{sqlstate="53100"\} [1-9]/m);
  assert.match(portal.log, /"statement_failed".*"53100"/);

  rmSync(ballast);
  await until('it is ready', async () => (await portal.ask('GET', '/readyz')).status === 200);
  answer = await upload();
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  kept.push(answer.sha256);
  const there = copy.sql(`SELECT encode(sha256(string_agg(p.content, '' ORDER BY p.piece_no)), 'hex') FROM connex.attachment a JOIN connex.attachment_piece p USING (attachment_id)
    WHERE a.file_name = 'a.pdf' AND encode(a.sha256, 'hex') = ANY ('{${kept.join(',')}}') GROUP BY a.attachment_id`).split('\n');
  assert.deepEqual(there.sort(), kept.sort(), 'each file that was acknowledged');
});
