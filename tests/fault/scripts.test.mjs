// The scripts themselves: wrong settings are refused at once with an explanation, help is complete, and a test run counts what
// it skipped.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'connex-scripts-'));
after(() => {
  if (existsSync(join(folder, 'var'))) spawnSync(join(root, 'scripts/stop'), { env: { ...process.env, VAR: join(folder, 'var'), PORT: '1' } }); // an instance was made after all
  rmSync(folder, { recursive: true, force: true });
});

describe('make run', () => {
  const run = (settings) => {
    const began = Date.now();
    const done = spawnSync(join(root, 'scripts/run'), { encoding: 'utf8', timeout: 20000, env: { ...process.env, VAR: join(folder, 'var'), CONNEX_DB: '', ...settings } });
    return { ...done, ms: Date.now() - began };
  };
  const wrong = {
    PORT: ['0', '00', '65534', '70000', '99999999999999999999', 'abc', '-1', '8443x', '08443', '8 443'],
    DEMO_CLAIMS: ['abc', '0', '999', '10000001', '99999999999999999999', '-5', '1e6', '20 000'],
  };
  for (const [name, values] of Object.entries(wrong))
    test(`refuses a wrong ${name} before anything is built or made`, () => {
      for (const value of values) {
        const { status, stderr, ms } = run({ [name]: value });
        assert.equal(status, 1, value);
        assert.match(stderr, new RegExp(`^run: ${name}=${value} is not .* to [0-9]+\\n$`), value);
        assert.ok(ms < 5000, `${value}: ${ms} ms`);
        assert.ok(!existsSync(join(folder, 'var')), value);
      }
    });
});

test('make help names every target', () => {
  const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
  const targets = /^\.PHONY: ((?:.*\\\n)*.*)$/m.exec(makefile)[1].split(/[\s\\]+/);
  assert.ok(targets.length > 20);
  const help = new Set(spawnSync('make', ['-s', '-C', root, 'help'], { encoding: 'utf8' }).stdout.split(/[^\w-]+/));
  assert.deepEqual(targets.filter((target) => !help.has(target)), []);
});

test('make test counts each test and each suite that was skipped, and names them at the end', () => {
  const tests = join(folder, 'skips.test.mjs');
  writeFileSync(tests, `import { describe, test } from 'node:test';
    describe('the samples', { skip: 'SKIPPED: not here' }, () => { test('one', () => {}); test('two', () => {}); });
    describe('others', () => { test('three', { skip: 'no reason' }, () => {}); test('four', () => {}); });`);
  // The functions of the script, without the part that runs them.
  const script = readFileSync(join(root, 'scripts/test'), 'utf8').split(/^# -+ which, and in what order$/m)[0].replace('. "$(dirname "$(readlink -f "$0")")/common"', `root='${root}' PORT=1`);
  const done = spawnSync('bash', ['-c', `${script}\nresults=$1\nnode_tests skips "$2" >/dev/null\necho "$passed $failed $skipped"\nprintf '%s\\n' "\${skips[@]}"`, 'test', folder, tests],
    { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } }); // a separate test runner
  const [counts, ...named] = done.stdout.trim().split('\n');
  assert.equal(counts, '1 0 2', done.stderr);
  assert.deepEqual(named.map((line) => line.replace(/ \([\d.]+ms\)/, '')), ['﹣ the samples # SKIPPED: not here', '﹣ three # no reason']);
});
