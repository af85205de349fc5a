// A private PostgreSQL, migrated by scripts/migrate, for tests that restart the database, move clocks, or count every mail
// and so would disturb the tests on the shared instance.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause, until } from './wait.mjs';

export { pause, until };

export const root = resolve(fileURLToPath(import.meta.url), '../../..');
export const connex = [process.env.CONNEX_BIN && join(process.env.CONNEX_BIN, 'connex'), join(root, 'build/release/connex')]
  .find((path) => path && existsSync(path));

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** PostgreSQL does not run as root: the words that start it as another user, and that user's ids. */
function serviceUser() {
  if (process.getuid() !== 0) return { words: [], uid: process.getuid(), gid: process.getgid() };
  const line = ['connex', 'postgres'].map((name) => spawnSync('getent', ['passwd', name], { encoding: 'utf8' }).stdout).find(Boolean);
  const [, , uid, gid] = line.split(':');
  return { words: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'], uid: Number(uid), gid: Number(gid) };
}

export function postgresPrograms() {
  const all = '/usr/lib/postgresql';
  const versions = readdirSync(all).filter((version) => existsSync(join(all, version, 'bin/postgres'))).sort((a, b) => b - a);
  return join(all, versions.includes('15') ? '15' : versions[0], 'bin');
}

export class Cluster {
  /**
   * `tree` is where scripts/migrate and sql/ are: this checkout, or an earlier version for a test of the upgrade. `under` is
   * where the cluster goes, and `settings` are more of PostgreSQL's, as on its command line.
   */
  static start(tree = root, { under = tmpdir(), settings = '' } = {}) {
    const cluster = new Cluster();
    cluster.settings = settings;
    cluster.user = serviceUser();
    cluster.bin = postgresPrograms();
    cluster.home = mkdtempSync(join(under, 'connex-test-'));
    cluster.socket = cluster.home;
    for (const folder of ['pg', 'letters', 'var', 'var/secret']) mkdirSync(join(cluster.home, folder));
    for (const folder of ['', 'pg', 'letters']) chownSync(join(cluster.home, folder), cluster.user.uid, cluster.user.gid);
    cluster.asService(join(cluster.bin, 'initdb'), '-D', cluster.data, '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--locale=C.UTF-8', '-N');
    cluster.control('start');
    execFileSync(...cluster.migration(tree));
    return cluster;
  }

  /** What migrates this cluster: program, arguments, and options of spawn. */
  migration(tree = root) {
    return [join(tree, 'scripts/migrate'), [], { cwd: tree, stdio: 'pipe', env: { ...process.env, VAR: join(this.home, 'var'), CONNEX_DB: this.db('postgres') } }];
  }
  get data() { return join(this.home, 'pg'); }
  db(role) { return `host=${this.socket} port=5432 user=${role} dbname=connex`; }
  asService(...words) { return execFileSync([...this.user.words, ...words][0], [...this.user.words, ...words].slice(1), { stdio: 'pipe', cwd: '/' }); }

  /** pg_ctl start, stop, or restart; `more` is for example '-m', 'immediate'. */
  control(verb, ...more) {
    const settings = `-k ${this.socket} -c listen_addresses= -c fsync=off -c jit=off ${this.settings}`;
    const [program, ...words] = [...this.user.words, join(this.bin, 'pg_ctl'), '-D', this.data, '-w', '-s', '-l', join(this.data, 'log.txt'),
      ...(verb === 'stop' ? [] : ['-o', settings]), ...more, verb];
    // Output is not piped because the server would keep the pipe open.
    execFileSync(program, words, { stdio: 'ignore', cwd: '/' });
  }

  /** The rows of one statement as arrays of strings, run as an administrator. */
  sql(text, role = 'postgres') {
    const out = execFileSync('psql', ['-XqAt', '-F', '\x1f', '-R', '\x1e', '-v', 'ON_ERROR_STOP=1', '-d', this.db(role), '-c', text], { encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 28 });
    return out === '' || out === '\n' ? [] : out.replace(/[\x1e\n]$/, '').split('\x1e').map((row) => row.split('\x1f'));
  }
  one(text, role) { return this.sql(text, role)[0]?.[0]; }

  end() {
    try { this.control('stop', '-m', 'immediate'); } finally { rmSync(this.home, { recursive: true, force: true }); }
  }
}

/** maildev of scripts/node, with its mails as JSON. */
export class Mailbox {
  static async start() {
    const box = new Mailbox();
    [box.smtpPort, box.webPort] = [await freePort(), await freePort()];
    box.folder = mkdtempSync(join(tmpdir(), 'connex-mail-'));
    box.process = spawn(process.execPath, [join(root, 'scripts/node/node_modules/maildev/bin/maildev'), '--ip', '127.0.0.1', '--smtp', `${box.smtpPort}`,
      '--web-ip', '127.0.0.1', '--web', `${box.webPort}`, '--mail-directory', box.folder, '--silent'], { stdio: 'ignore' });
    await until('the mailbox', () => fetch(`http://127.0.0.1:${box.webPort}/email`).then((answer) => answer.ok, () => false));
    return box;
  }
  get url() { return `smtp://127.0.0.1:${this.smtpPort}`; }
  async all() { return (await fetch(`http://127.0.0.1:${this.webPort}/email`)).json(); }
  async with(subject) { return (await this.all()).filter((mail) => mail.subject === subject); }
  end() {
    this.process.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
