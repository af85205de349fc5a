// The seal of who acts, tried by connections of the workers' own role (tests/sql/seal.sql tries it within one).
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { demo, sql } from '../support/instance.mjs';

/** What psql prints and says, as a role of ours. */
function psql(role, text) {
  const words = ['-XqAt', '-h', demo.pg.host, '-p', String(demo.pg.port), '-U', role, '-d', demo.pg.dbname];
  const { stdout, stderr } = spawnSync('psql', words, { input: text, encoding: 'utf8' });
  return { stdout: stdout.trim(), stderr };
}

test('a plan that is printed does not show the key of the seals', () => {
  const key = sql(`SELECT encode(secret, 'hex') FROM connex.seal_key;`);
  // A plan shows a constant as its bytes, with a sign: those of the key, or of its hexadecimal text.
  const bytes = [Buffer.from(key, 'hex'), Buffer.from(key)].map((whole) => [...new Int8Array(whole)].slice(0, 12).join(' '));
  for (const call of ['connex.entered_part(1)', 'connex.entered_user()', `connex.my_accounts('claims')`]) {
    const { stdout, stderr } = psql('connex_app', `SET debug_print_plan = on; SET debug_print_rewritten = on; SET client_min_messages = log;
      BEGIN; SELECT set_config('connex.entered', '1 2 3 claims 4 ', true), set_config('connex.seal', 'x', true); SELECT ${call}; COMMIT;`);
    const said = (stdout + stderr).replace(/\s+/g, ' ');
    assert.match(said, /PLANNEDSTMT/, 'plans are printed');
    assert.ok(![...bytes, key].some((text) => said.includes(text)), `${call} printed the key`);
  }
});

test('a seal of another connection is refused, and PostgreSQL keeps the event', () => {
  const before = Number(sql(`SELECT count(*) FROM audit.event WHERE action = 'seal_refused';`));
  const kept = sql(`BEGIN; SELECT FROM (SELECT connex.seal(1, NULL, NULL, 'analyst', NULL)) s; SELECT current_setting('connex.entered') || '|' || current_setting('connex.seal'); COMMIT;`)
    .split('\n').pop().split('|');
  const { stdout } = psql('connex_app', `BEGIN; SELECT set_config('connex.entered', '${kept[0]}', true), set_config('connex.seal', '${kept[1]}', true);
    SELECT 'right ' || connex.entered_right(); SELECT 'claims ' || count(*) FROM connex.claim; COMMIT;`);
  assert.match(stdout, /^right $/m);
  assert.match(stdout, /^claims 0$/m);
  assert.equal(Number(sql(`SELECT count(*) FROM audit.event WHERE action = 'seal_refused';`)), before + 1);
});
