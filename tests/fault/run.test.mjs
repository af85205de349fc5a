// make run on an instance of its own, built from a copy of the checkout whose programs a test may replace: it says
// "running" only when the program and the pages that it installed are the ones that answer.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../support/cluster.mjs';

const tree = mkdtempSync(join(tmpdir(), 'connex-run-')), VAR = join(tree, 'instance');
const built = join(tree, 'build/release/connex-fcgi'), installed = join(VAR, 'bin/connex-fcgi');
const page = join(tree, 'web/dist/index.html');
let port, neighbor;

const listen = (at) => new Promise((done, fail) => {
  const server = createServer().once('error', fail).listen(at, '127.0.0.1', () => done(server));
});
const close = (server) => new Promise((done) => server.close(done));
/** Takes a port whose lower neighbor is free: the neighbor is for PORT. */
async function take_port_after_free_one() {
  for (;;) {
    const above = await listen(0), free = above.address().port - 1;
    const below = await listen(free).catch(() => null);
    if (below) {
      await close(below);
      return [free, above];
    }
    await close(above);
  }
}

const run = (settings = {}) => spawnSync(join(tree, 'scripts/run'), { encoding: 'utf8', timeout: 120000,
  env: { ...process.env, VAR, PORT: String(port), VARIANT: 'release', DEMO_CLAIMS: '1000', CONNEX_DB: '', ...settings } });
const get = (path) => execFileSync('curl', ['-sS', '-m', '5', '--cacert', join(VAR, 'tls/ca.crt'), `https://localhost:${port}${path}`], { encoding: 'utf8' });
const answering_build = () => JSON.parse(get('/readyz')).build;
const build_of = (file) => createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
const demo = () => JSON.parse(readFileSync(join(VAR, 'demo.json'), 'utf8'));
/** Puts another program where make would put its own; make considers it up to date. */
function build(text) {
  rmSync(built);
  writeFileSync(built, text, { mode: 0o755 });
}

before(async () => {
  chmodSync(tree, 0o755); // the service user must reach VAR
  const copied = new Set(['scripts', 'build', 'web', 'var']);
  for (const name of readdirSync(root)) if (!copied.has(name) && !name.startsWith('.')) symlinkSync(join(root, name), join(tree, name));
  for (const [folder, linked] of [['scripts', 'node'], ['web', null]]) {
    mkdirSync(join(tree, folder));
    for (const name of readdirSync(join(root, folder))) {
      const from = join(root, folder, name), to = join(tree, folder, name);
      if (folder === 'scripts' ? name === linked : name !== 'dist') symlinkSync(from, to);
      else cpSync(from, to, { recursive: true, preserveTimestamps: true });
    }
  }
  for (const folder of ['build/gen', 'build/release']) cpSync(join(root, folder), join(tree, folder), { recursive: true, preserveTimestamps: true });
  [port, neighbor] = await take_port_after_free_one();
});
after(async () => {
  spawnSync(join(tree, 'scripts/stop'), { env: { ...process.env, VAR, CONNEX_DB: '' } });
  rmSync(tree, { recursive: true, force: true });
  if (neighbor) await close(neighbor);
});

test('the mailbox gets other ports if one of its own is taken, and keeps them', async () => {
  const first = run();
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^Connex is running\.$/m);
  const { mailbox_url } = demo();
  assert.ok(first.stdout.includes(mailbox_url));
  assert.ok(Number(new URL(mailbox_url).port) > port + 2, mailbox_url);
  assert.ok((await fetch(`${mailbox_url}/email`)).ok);
  assert.equal(answering_build(), build_of(built));

  await close(neighbor);
  neighbor = null;
  const again = run();
  assert.equal(again.status, 0, again.stderr);
  assert.equal(demo().mailbox_url, mailbox_url);
});

test('a port that the mailbox uses is not free for nginx', () => {
  const { status, stderr } = run({ PORT: new URL(demo().mailbox_url).port });
  assert.equal(status, 1);
  assert.match(stderr, /^run: port \d+ is taken/m);
});

test('after a reload, the new program and the new pages answer', () => {
  execFileSync('strip', [built]); // the same code, another file
  writeFileSync(page, readFileSync(page, 'utf8').replace('</body>', '<!-- changed --></body>'));
  // nginx keeps the connections of these requests, and old workers answer on them for as long as they are allowed to.
  const kept = spawnSync('curl', ['-sS', '-Z', '--cacert', join(VAR, 'tls/ca.crt'), '-o', '/dev/null', `https://localhost:${port}/readyz?[1-40]`]);
  assert.equal(kept.status, 0);
  assert.notEqual(answering_build(), build_of(built));
  const { status, stderr } = run();
  assert.equal(status, 0, stderr);
  for (let i = 0; i < 40; i++) assert.equal(answering_build(), build_of(built));
  assert.equal(get('/'), readFileSync(page, 'utf8'));
});

test('a program that refuses to start is not installed, and make run says why', () => {
  const running = answering_build();
  build('#!/bin/sh\necho "CONNEX_EXAMPLE: not a number" >&2\nexit 78\n');
  const { status, stdout, stderr } = run();
  assert.equal(status, 1);
  assert.doesNotMatch(stdout, /running/);
  assert.match(stderr, /^CONNEX_EXAMPLE: not a number\nrun: the new connex-fcgi does not start; the old one is still running\n$/);
  assert.equal(answering_build(), running);
  assert.equal(build_of(installed), running);
});

test('a program that passes its check but does not answer is not called running', () => {
  build('#!/bin/sh\n[ "$1" = --check ] || exit 70\n');
  const { status, stdout, stderr } = run({ READY_SECONDS: '3' });
  assert.equal(status, 1);
  assert.doesNotMatch(stdout, /running/);
  assert.match(stderr, /^run: the new connex-fcgi did not answer within 3 s: see .*connex-fcgi\.log$/m);
});
