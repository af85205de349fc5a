// Backup, restore, and a moment in between: the very commands of README, on a cluster of this test's own in the place of Debian's.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cluster, pause, root, until } from '../support/cluster.mjs';

let cluster, backups, scripts, env, moment, too_early;
const states = {}; // of the database, at the moment and at the end

// --- README's commands -------------------------------------------------------------------------------------------------

const [set_up, take, restore] = [...readFileSync(join(root, 'README.md'), 'utf8').split('### Backup, restore, and point in time')[1].split('\n## ')[0]
  .matchAll(/^```\n([^]*?)^```$/gm)].map(([, block]) => block.replace(/\\\n|(?<=\|)\n/g, '').trim().split('\n'));
const today = new Date().toISOString().slice(0, 10);

/** Runs README's lines with the paths and the user of this cluster; `more` comes after what calls scripts/restore. */
async function follow(lines, more = '') {
  let shown = '';
  for (const line of lines) {
    const [, verb, services] = /^sudo systemctl (\w+) (.*)$/.exec(line) ?? [];
    if (verb && /\bpostgresql$/.test(services)) cluster.control(verb);
    else if (line.includes('pg_is_in_recovery')) await until('the end of the recovery', () => run(line).stdout === 'f\n');
    else if (!verb) shown += done(run(line.includes('scripts/restore ') ? `${line} ${more}` : line)).stdout;
  }
  return shown;
}
const run = (line) => spawnSync('bash', ['-c', line.replace(/\bsudo (-u postgres )?/g, '').replace(/-o postgres -g postgres/, `-o ${cluster.user.uid} -g ${cluster.user.gid}`)
  .replaceAll('/usr/share/connex/scripts', scripts).replaceAll('/var/backups/connex', backups).replaceAll('/var/lib/postgresql/15/main', cluster.data)
  .replaceAll('/etc/postgresql/15/main', join(cluster.home, 'etc')).replace('$(date +%F)', today)], { cwd: '/', encoding: 'utf8', env });
function done(result) {
  assert.equal(result.status, 0, result.stderr);
  return result;
}
/** What one of the scripts says when it refuses: one line. */
function refusal(name, ...words) {
  const { status, stderr } = spawnSync(join(scripts, name), words, { cwd: '/', encoding: 'utf8', env });
  assert.equal(status, 1, `${name} ${words}: ${stderr}`);
  return stderr;
}
/** The restore of README; the directory that it moved away goes, as an administrator would remove it in the end. */
async function restored(more = '', name = today) {
  const shown = await follow(restore.map((line) => line.replace('2026-07-29', name)), more);
  rmSync(`${cluster.data}.before`, { recursive: true });
  return shown;
}

// --- what is in the database -------------------------------------------------------------------------------------------

/** The rows of every table, as a number of them and a sum of their text, and who may do what. */
const state = () => Object.fromEntries(cluster.sql(`
  SELECT c.oid::regclass::text, (xpath('/row/s/text()', query_to_xml(format('SELECT concat(count(*), '' '', sum(hashtextextended(r::text, 0))) AS s FROM %s r', c.oid::regclass), false, true, '')))[1]::text
    FROM pg_class c WHERE c.relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'public'::regnamespace) AND c.relkind = 'r'
  UNION ALL SELECT 'policies', connex.policy_fingerprint()
  UNION ALL SELECT rolname, (r.*)::text FROM pg_roles r WHERE rolname LIKE 'connex%'`));
const claims = () => cluster.one(`SELECT string_agg(control_no, ' ' ORDER BY control_no) FROM connex.claim`);
const addClaim = (name) => cluster.sql(`INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on)
  SELECT connex.claim_id_new('2026-01-01'), '99931', 'mcs', '${name}-' || ptan, provider_account_id, 'paid', '2026-01-01' FROM connex.provider_account`);

/** As the workers: somebody enters for provider account BACK1, and reads claims of BACK1 and BACK2. */
const readsClaims = () => cluster.one(`DO $$ BEGIN PERFORM connex.enter(sha256('BACK001'), 'session', 'claims', ${cluster.one(`SELECT provider_account_id FROM connex.provider_account WHERE ptan = 'BACK1'`)}, 'r', NULL); END $$;
  SET LOCAL ROLE connex_office; SELECT string_agg(control_no, ' ' ORDER BY control_no) FROM connex.claim`, 'connex_app');

before(async () => {
  cluster = Cluster.start();
  cluster.sql(`
    INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99931', 'Backup test', 'J-T', 'part_b');
    INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
      SELECT '99931', '1999999984', p, '999999931', p, 'part_b', 'ME' FROM unnest('{BACK1,BACK2}'::text[]) p;
    INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at) VALUES ('BACK001', 'office', 'A', 'B', 'billing', 'back@tests.example', now());
    INSERT INTO connex.credential (user_account_id, password_hash) SELECT user_account_id, '$argon2id$x' FROM connex.user_account;
    INSERT INTO connex.session (secret_hash, user_account_id, ends_at, second_factor_at) SELECT sha256('BACK001'), user_account_id, now() + interval '12 hours', now() FROM connex.user_account;
    INSERT INTO connex.access (user_account_id, provider_account_id, status, functions)
      SELECT user_account_id, provider_account_id, 'approved', '{claims}' FROM connex.user_account, connex.provider_account WHERE ptan = 'BACK1'`);
  addClaim('first');

  // What Debian has: a directory of settings, the installed scripts (those that install-tree names), and the key.
  scripts = join(cluster.home, 'share/scripts');
  backups = join(cluster.home, 'backups');
  for (const folder of ['etc/conf.d', 'share/scripts']) mkdirSync(join(cluster.home, folder), { recursive: true });
  const [, names] = /for file in ([\w -]+); do put 0755 "scripts\//.exec(readFileSync(join(root, 'scripts/install-tree'), 'utf8'));
  for (const name of names.split(' ')) copyFileSync(join(root, 'scripts', name), join(scripts, name));
  appendFileSync(join(cluster.data, 'postgresql.conf'), `include_dir = '${join(cluster.home, 'etc/conf.d')}'\n`);
  const key = join(cluster.home, 'code.key');
  writeFileSync(key, randomBytes(32), { mode: 0o400 });
  env = { ...process.env, PGHOST: cluster.socket, PGPORT: '5432', PGUSER: 'postgres', CONNEX_KEY_FILE: key };

  await follow(set_up.slice(0, -1));
  too_early = refusal('backup', join(backups, today)); // before PostgreSQL is started again with its new settings
  await follow(set_up.slice(-1));
  await follow(take);
  addClaim('later');
  states.moment = state();
  moment = cluster.one(`SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.USZ')`);
  await pause(20);
  cluster.sql(`DELETE FROM connex.claim WHERE control_no LIKE 'first%'`); // the mistake
  addClaim('mistaken');
  states.end = state();
});
after(() => cluster?.end());

test('a backup is whole, has the key, and nobody but PostgreSQL\'s user can read it', () => {
  const backup = join(backups, today);
  assert.deepEqual(readdirSync(backups).sort(), [today, 'wal']);
  assert.deepEqual(readdirSync(backup).sort(), ['base', 'code.key', 'taken']);
  assert.deepEqual(readFileSync(join(backup, 'code.key')), readFileSync(env.CONNEX_KEY_FILE));
  const wal = readdirSync(join(backups, 'wal')).map((name) => join('../wal', name));
  assert.ok(wal.length > 1);
  for (const [name, mode] of [['', 0o700], ['base', 0o700], ['code.key', 0o400], ['taken', 0o600], ['../wal', 0o700], ...wal.map((file) => [file, 0o600])]) {
    const found = statSync(join(backup, name));
    assert.equal(found.mode & 0o777, mode, name);
    assert.equal(found.uid, cluster.user.uid, name);
  }
});

test('what is missing stops a backup, and leaves nothing', () => {
  assert.equal(too_early, 'backup: archive_mode is off: turn it on, and restart PostgreSQL\n');
  const left = readdirSync(backups);
  assert.match(refusal('backup', join(backups, today)), /^backup: .* is there already: choose another name\n$/);
  assert.match(refusal('backup', join(cluster.home, 'other')), /^backup: .*\/wal is not there: archive_command must keep the WAL in it\n$/);
  const { CONNEX_KEY_FILE, ...others } = env;
  env = { ...others, CONNEX_KEY_FILE: join(cluster.home, 'no.key') };
  assert.match(refusal('backup', join(backups, 'second')), /^backup: the key .*no\.key cannot be read: run this as root, or set CONNEX_KEY_FILE\n$/);
  env = { ...others, CONNEX_KEY_FILE, PGPORT: '1' };
  assert.match(refusal('backup', join(backups, 'second')), /\nbackup: PostgreSQL does not answer\n$/);
  env = { ...others, CONNEX_KEY_FILE };
  assert.deepEqual(readdirSync(backups), left);
});

test('a kept WAL file is never overwritten; the same one again is a success', () => {
  const [from, to] = ['from', 'to'].map((name) => join(cluster.home, name));
  const keep = () => spawnSync(join(scripts, 'archive-wal'), [from, to], { encoding: 'utf8' });
  writeFileSync(from, 'one');
  writeFileSync(`${to}.part`, 'cut o'); // as the machine went off
  assert.equal(keep().status, 0);
  assert.equal(keep().status, 0);
  writeFileSync(from, 'two');
  assert.match(done({ ...keep(), status: keep().status - 1 }).stderr, /^archive-wal: .* is there already, with other contents\n$/);
  assert.equal(readFileSync(to, 'utf8'), 'one');
  assert.ok(!existsSync(`${to}.part`));
  rmSync(from);
  rmSync(to);
  assert.notEqual(keep().status, 0, 'what is not there is not kept');
});

test('what cannot be restored is refused before anything is made', () => {
  const backup = join(backups, today), data = join(cluster.home, 'new');
  assert.match(refusal('restore', backup, cluster.data), /^restore: .*\/pg is not empty: stop PostgreSQL, and move it away\n$/);
  assert.match(refusal('restore', join(backups, 'wal'), data), /^restore: .* is not a whole backup that \w+ can read: base\/PG_VERSION\n$/);
  for (const words of ['2020-01-01 00:00:00Z', '2020-01-01T00:00-04'])
    assert.match(refusal('restore', backup, data, '--until', words), /^restore: 2020-01-01 0[04]:00:00\.000000\+00 is before this backup, which was complete at 20.*: take an earlier backup\n$/);
  assert.match(refusal('restore', backup, data, '--until', '9999-12-31 23:59:59.5+00:00'), /^restore: 9999-12-31 23:59:59\.500000\+00 is in the future\n$/);
  for (const words of ['2026-07-29 14:05', 'yesterday', '2026-13-01 00:00:00Z', "2026-07-29 14:05:00Z'"])
    assert.match(refusal('restore', backup, data, '--until', words), /^restore: --until .* is not a moment with its zone, as in '2026-07-29 14:05:00-04'\n$/, words);
  assert.match(refusal('restore', backup, data, '--until'), /^restore: usage: /);
  assert.match(refusal('restore', backup, data, '--timeline', "1'"), /^restore: --timeline .* is not the number of a timeline\n$/);
  assert.ok(!existsSync(data));
});

test('a backup with one damaged byte is refused', () => {
  const file = join(backups, today, 'base/global/1262'); // the list of databases
  const whole = readFileSync(file), damaged = Buffer.from(whole);
  damaged[damaged.length - 100] ^= 1;
  writeFileSync(file, damaged);
  const said = refusal('restore', join(backups, today), join(cluster.home, 'new'));
  writeFileSync(file, whole);
  assert.match(said, /checksum mismatch for file "global\/1262"\nrestore: .* is damaged: nothing was restored\n$/);
  assert.ok(!existsSync(join(cluster.home, 'new')));
});

test('a restore to the end has every row, right, and policy; migrate has nothing to do', async () => {
  assert.equal(readsClaims(), 'later-BACK1 mistaken-BACK1');
  const before_it = state(); // entering writes the session
  assert.match(await restored(), /Start PostgreSQL: it goes on to the end of /);
  assert.deepEqual(state(), before_it);
  assert.equal(cluster.one(`SELECT current_setting('recovery_target_time') || timeline_id FROM pg_control_checkpoint()`), '2');

  assert.equal(readsClaims(), 'later-BACK1 mistaken-BACK1');
  assert.equal(cluster.one('SELECT count(*) FROM connex.provider_account', 'connex_app'), '0', 'nobody has entered');
  assert.throws(() => cluster.sql('SELECT * FROM connex.credential', 'connex_app'), /permission denied/);

  const given = () => cluster.sql(`SELECT xmin, files, catalog FROM connex.policy_state`);
  const old = given(), migrations = state()['schema_migrations'];
  const [program, words, options] = cluster.migration();
  const migrated = done(spawnSync(program, words, { ...options, encoding: 'utf8' }));
  assert.doesNotMatch(migrated.stdout + migrated.stderr, /Applying/);
  assert.deepEqual(given(), old);
  assert.equal(state()['schema_migrations'], migrations);
});

test('a restore to a moment has what was committed before it, and not the mistake', async () => {
  assert.match(await restored(`--until '${moment}'`), new RegExp(`it goes on to ${moment.replace(/[.Z]/g, (c) => (c === 'Z' ? '\\+00' : '\\.'))}\\.\n`));
  assert.equal(claims(), 'first-BACK1 first-BACK2 later-BACK1 later-BACK2');
  assert.deepEqual(state(), states.moment);
  assert.equal(readsClaims(), 'first-BACK1 later-BACK1');

  // A backup of what was restored has the settings of that restore; the next one is not stopped by them.
  await follow(take.map((line) => line.replace('$(date +%F)', 'second')));
  addClaim('new');
  const latest = state();
  await restored('', 'second');
  assert.deepEqual(state(), latest);
});

test('after a moment that was too early, the timeline of before has the rest', async () => {
  await restored('--timeline 1');
  assert.equal(claims(), 'later-BACK1 later-BACK2 mistaken-BACK1 mistaken-BACK2');
});

test('the key is compared with the one that is installed', async () => {
  rmSync(env.CONNEX_KEY_FILE);
  const shown = done(spawnSync(join(scripts, 'restore'), [join(backups, today), join(cluster.home, 'new')], { cwd: '/', encoding: 'utf8', env })).stdout;
  assert.match(shown, /code\.key is missing or another one: install .*\/code\.key .*\/code\.key\n$/);
});
