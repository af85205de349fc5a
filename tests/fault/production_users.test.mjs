// An installation's users, as `make install` and README's "Production" make them: each program runs as a Linux user of its
// own, and PostgreSQL lets each user in as one role. The commands are README's own, run on an installed tree and a cluster of
// this test. The users exist only in a mount namespace, over /etc/passwd and /etc/group, so that the machine keeps its own.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { postgresPrograms, root } from '../support/cluster.mjs';

const home = mkdtempSync('/tmp/connex-users-'); // not in TMPDIR: every user must reach it
const tree = join(home, 'tree'), data = join(home, 'pg'), socket = join(home, 'socket');
const install = (to) => execFileSync(join(root, 'scripts/install-tree'), [to, '/usr'], { encoding: 'utf8' });
const has = (program) => spawnSync('which', [program], { env: { PATH: `${process.env.PATH}:/usr/sbin` } }).status === 0;
before(() => {
  chmodSync(home, 0o755);
  install(tree);
});
after(() => rmSync(home, { recursive: true, force: true }));

// ---------------------------------------------------------------- README's commands

const production = readFileSync(join(root, 'README.md'), 'utf8').split(/^## Production$/m)[1].split(/^## /m)[0];
const lines = production.replace(/ *\\\n */g, ' ').split('\n').map((line) => line.replace(/ {2,}#.*/, ''));
/** The one command, on a line of its own or in a sentence, that contains these words. */
function command(part) {
  const found = [...lines.filter((line) => /^(sudo|openssl) /.test(line)), ...Array.from(production.matchAll(/`((?:sudo|echo) [^`\n]+)`/g), ([, text]) => text)]
    .filter((text) => text.includes(part));
  assert.equal(found.length, 1, `README has one command with ${part}: ${found}`);
  return found[0];
}
const accessLines = () => [command('/pg_hba.conf'), command("'1i connex ")];
/** The same command on the places of this test. */
const here = (text) => text.replaceAll('/etc/postgresql/15/main', data).replaceAll('/var/run/postgresql', socket)
  .replaceAll('/etc/connex', `${tree}/etc/connex`).replaceAll('/usr/share/connex', `${tree}/usr/share/connex`);
const sudo = 'sudo() { local user=root; [ "$1" != -u ] || { user=$2; shift 2; }; (cd / && setpriv --reuid="$user" --regid="$user" --init-groups env "$@"); }';

// ---------------------------------------------------------------- what is installed

/** KEY=value lines of a unit or an environment file; a key that comes twice has both. */
const words = (file, key) => [...readFileSync(file, 'utf8').matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value);
const names = (file) => [...readFileSync(file, 'utf8').matchAll(/^#?(CONNEX_\w+)=/gm)].map(([, name]) => name).sort();
const unit = (name) => join(tree, 'usr/lib/systemd/system', name);

test('each service runs as its own user and gets its own settings only', () => {
  const service = (name) => ({ user: words(unit(name), 'User'), group: words(unit(name), 'Group'), settings: words(unit(name), 'EnvironmentFile') });
  assert.deepEqual(service('connex-fcgi.service'), { user: ['connex'], group: ['connex'], settings: ['/etc/connex/connex.env'] });
  assert.deepEqual(service('connex-jobs.service'), { user: ['connex-jobs'], group: ['connex-jobs'], settings: ['/etc/connex/jobs.env'] });
  // The mail server's password is the jobs daemon's, the key of the codes the workers'.
  assert.deepEqual(names(join(tree, 'etc/connex/connex.env')), ['CONNEX_DB', 'CONNEX_DB_READ', 'CONNEX_KEY_FILE', 'CONNEX_PROCESSES', 'CONNEX_THREADS']);
  assert.deepEqual(names(join(tree, 'etc/connex/jobs.env')), ['CONNEX_BASE_URL', 'CONNEX_DB', 'CONNEX_MAIL_FROM', 'CONNEX_SMTP_URL']);
});

test('systemd understands the units', { skip: has('systemd-analyze') ? false : 'systemd-analyze is not installed: apt-get install systemd' }, () => {
  const copies = join(home, 'units');
  mkdirSync(copies);
  const units = readdirSync(unit('.')).map((name) => {
    writeFileSync(join(copies, name), readFileSync(unit(name), 'utf8').replaceAll('=/usr/bin/connex', `=${tree}/usr/bin/connex`));
    return join(copies, name);
  });
  assert.equal(units.length, 3);
  const done = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8' });
  // It also reads units of this machine that ours want.
  assert.deepEqual(done.stderr.split('\n').filter((line) => line.includes('connex')), []);
});

test("an upgrade takes the mail server's password away from the workers, once", () => {
  const old = join(home, 'old'), at = (name) => join(old, 'etc/connex', name);
  mkdirSync(at('.'), { recursive: true });
  writeFileSync(at('connex.env'), ['CONNEX_DB=host=db.example user=connex_app', 'CONNEX_BASE_URL=https://p.example', 'CONNEX_SMTP_URL=smtps://p:word@mail.example',
    '#CONNEX_THREADS=4', 'CONNEX_MAIL_FROM=p@p.example', ''].join('\n'));
  writeFileSync(at('jobs.env'), 'CONNEX_DB=host=db.example user=connex_jobs', { mode: 0o640 }); // somebody's, without a last newline
  assert.match(install(old), /CONNEX_SMTP_URL.* are in \/etc\/connex\/jobs\.env now/);
  const state = () => ['connex.env', 'jobs.env'].map((name) => readFileSync(at(name), 'utf8'));
  const moved = state();
  assert.equal(moved[0], 'CONNEX_DB=host=db.example user=connex_app\n#CONNEX_THREADS=4\n');
  assert.deepEqual(['DB', 'BASE_URL', 'SMTP_URL', 'MAIL_FROM'].map((name) => words(at('jobs.env'), `CONNEX_${name}`).at(-1)),
    ['host=db.example user=connex_jobs', 'https://p.example', 'smtps://p:word@mail.example', 'p@p.example']);
  assert.doesNotMatch(install(old), /CONNEX_SMTP_URL/);
  assert.deepEqual(state(), moved);
});

test("README's lines replace those of an earlier version and keep the contractor's own", () => {
  const hba = join(home, 'pg_hba.conf'), ident = join(home, 'pg_ident.conf');
  const run = () => execFileSync('bash', ['-ec', ['sudo() { "$@"; }', ...accessLines().map((line) => line.replaceAll('/etc/postgresql/15/main', home))].join('\n')]);
  writeFileSync(hba, 'local connex connex_app,connex_jobs,connex_loader peer map=connex\nlocal all all peer\n');
  writeFileSync(ident, '# ours\nconnex dana connex_report\nconnex connex connex_app\nconnex connex connex_jobs\nconnex connex connex_loader\n');
  for (const time of ['first', 'second']) {
    run();
    assert.equal(readFileSync(hba, 'utf8'), 'local connex connex_app,connex_jobs,connex_loader,connex_report peer map=connex\nlocal all all peer\n', time);
    assert.deepEqual(readFileSync(ident, 'utf8').trimEnd().split('\n'),
      ['connex connex connex_app', 'connex connex-jobs connex_jobs', 'connex connex-loader connex_loader', '# ours', 'connex dana connex_report'], time);
  }
});

// ---------------------------------------------------------------- who gets in

function reasonToSkip() {
  if (process.getuid() !== 0) return 'root is needed, to become the users of an installation';
  if (!has('systemd-sysusers')) return 'systemd-sysusers is not installed: apt-get install systemd';
  return spawnSync('unshare', ['--mount', 'mount', '--bind', home, home]).status === 0 ? false : 'mount namespaces cannot be made here';
}

describe('the users of an installation', { skip: reasonToSkip() }, () => {
  let space;
  /** A script in which the installation's users exist. */
  const inside = (...script) => spawnSync('nsenter', [`--target=${space.pid}`, '--mount', '--', 'bash', '-ec', [sudo, ...script].join('\n')],
    { encoding: 'utf8', env: { ...process.env, PATH: `${tree}/usr/bin:${process.env.PATH}:/usr/sbin`, VAR: '', CONNEX_VAR: '', TMPDIR: '/tmp' } });
  function must(...script) {
    const done = inside(...script);
    assert.equal(done.status, 0, `${script.join('\n')}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }
  const postgres = (verb) => `sudo -u postgres ${postgresPrograms()}/pg_ctl -D ${data} -w -s -l ${data}/log.txt \
    -o '-k ${socket} -c listen_addresses= -c fsync=off' ${verb} >/dev/null 2>&1 </dev/null`; // the server would keep our pipes open

  before(async () => {
    // The machine's users, but none of ours; then what systemd-sysusers makes of our file, and a DBA.
    for (const name of ['passwd', 'group']) {
      mkdirSync(join(tree, 'etc'), { recursive: true });
      writeFileSync(join(tree, 'etc', name), readFileSync(join('/etc', name), 'utf8').replace(/^(?=connex|dana:)/gm, 'other-'));
    }
    writeFileSync(join(tree, 'usr/lib/sysusers.d/dba.conf'), 'u dana -\n');
    execFileSync('systemd-sysusers', [`--root=${tree}`], { stdio: 'pipe' });
    const mounts = `for file in passwd group; do mount --bind ${tree}/etc/$file /etc/$file; done`;
    space = spawn('unshare', ['--mount', 'sh', '-ec', `${mounts}; echo ready; exec cat`], { stdio: ['pipe', 'pipe', 'inherit'] }); // ends with this test
    await new Promise((ready, failed) => { space.stdout.once('data', ready); space.once('exit', () => failed(new Error('no mount namespace'))); });
    must(`install -d -o postgres -g postgres ${data} ${socket}`, // what Debian's package makes: peer, and passwords over TCP
      `sudo -u postgres ${postgresPrograms()}/initdb -D ${data} -U postgres --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 -N`);
    must(...[command('install -d -m 0750 -o root -g connex '), command('/etc/connex/code.key'), ...accessLines(), command("echo 'connex dana")].map(here));
    must(postgres('start'));
    must(here(command('/usr/share/connex/scripts/migrate')));
  });
  after(() => {
    if (existsSync(join(data, 'postmaster.pid'))) inside(postgres('-m immediate stop'));
    space?.stdin.end();
  });

  const roleOf = { connex: 'connex_app', 'connex-jobs': 'connex_jobs', 'connex-loader': 'connex_loader', dana: 'connex_report', postgres: 'postgres', 'www-data': null };
  const roles = ['connex_app', 'connex_jobs', 'connex_loader', 'connex_report', 'connex_owner', 'postgres'];
  for (const [user, own] of Object.entries(roleOf))
    test(`PostgreSQL lets ${user} in as ${own ?? 'nobody'}${own ? ' only' : ''}`, () => {
      for (const role of roles) {
        const done = inside(`sudo -u ${user} psql -XAt -d 'host=${socket} user=${role} dbname=connex' -c 'SELECT current_user'`);
        if (role === own) assert.equal(done.stdout, `${role}\n`, done.stderr);
        else assert.match(done.stderr, new RegExp(`Peer authentication failed for user "${role}"`), `${user} as ${role}: ${done.stdout}`);
      }
    });

  test('only the workers may read the key, and only root the settings', () => {
    const readers = (path) => Object.keys(roleOf).filter((user) => inside(`sudo -u ${user} cat ${tree}/etc/connex/${path} >/dev/null`).status === 0);
    assert.deepEqual(readers('code.key'), ['connex']);
    for (const file of ['connex.env', 'jobs.env']) assert.deepEqual(readers(file), [], file);
  });

  test("nginx's user may use the workers' socket, and nobody else is in a group of ours", () => {
    const groups = [...readFileSync(join(tree, 'etc/group'), 'utf8').matchAll(/^(connex[\w-]*):.*:(.*)$/gm)];
    assert.deepEqual(Object.fromEntries(groups.map(([, name, members]) => [name, members])), { connex: 'www-data', 'connex-jobs': '', 'connex-loader': '' });
  });

  test('each program works as its user, with its own settings', () => {
    const settings = (file) => here([...readFileSync(join(tree, 'etc/connex', file), 'utf8').matchAll(/^CONNEX_.*$/gm)].map(([line]) => `'${line}'`).join(' '));
    must(`sudo -u connex ${settings('connex.env')} connex-fcgi --check`);
    must(`sudo -u connex-jobs ${settings('jobs.env')} CONNEX_LOG=- connex jobs --once`);
    must(`install -d -o connex-jobs ${home}/letters`);
    assert.match(must(here(command('connex letters --to')).replace(' DIR', ` ${home}/letters`)), /^0 written, 0 not yet rendered, 0 failed$/m);
    const [, example] = /^### provider-accounts$[^]*?\n\n((?: {4}.*\n)+)/m.exec(readFileSync(join(root, 'sql/feeds.md'), 'utf8'));
    writeFileSync(join(home, 'accounts.csv'), example.replace(/^ {4}/gm, ''));
    must(here(command('connex load 835')).replace('835 remittances/*.835', `provider-accounts ${home}/accounts.csv`));
  });
});
