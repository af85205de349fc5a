// A standby of the instance's own cluster, made by pg_basebackup as a DBA makes one, on a socket of its own.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo } from './instance.mjs';

const service = statSync(join(demo.var, 'log'));
const asService = { ...(process.getuid() === 0 ? { uid: service.uid, gid: service.gid } : {}), cwd: '/' };
const program = (name) => join(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim(), name);

export class Standby {
  /** `data`: a directory for the data alone, for example on a small disk; the write-ahead log stays outside it. */
  static start({ data } = {}) {
    const standby = new Standby();
    const home = standby.home = mkdtempSync(join(tmpdir(), 'connex-standby-'));
    standby.data = join(data ?? home, 'pg');
    if (asService.uid) chownSync(home, asService.uid, asService.gid);
    execFileSync(program('pg_basebackup'), ['-h', demo.pg.host, '-p', String(demo.pg.port), '-U', 'postgres', '-D', standby.data, '-R', '-X', 'stream', '-c', 'fast', ...(data ? [`--waldir=${join(home, 'wal')}`] : [])], { ...asService, stdio: 'pipe' });
    standby.control('start');
    return standby;
  }
  db(role) { return `host=${this.home} port=5432 user=${role} dbname=connex`; }
  control(verb, ...more) {
    execFileSync(program('pg_ctl'), ['-D', this.data, '-w', '-s', '-l', join(this.home, 'log.txt'), ...(verb === 'stop' ? [] : ['-o', `-k ${this.home} -p 5432 -c listen_addresses=`]), ...more, verb],
      { ...asService, stdio: 'ignore' });
  }
  promote() { this.control('promote'); }
  sql(text, role = 'postgres') {
    return execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', this.db(role), '-c', text], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }
  end() {
    try { this.control('stop', '-m', 'immediate'); } catch { /* it was stopped by the test */ }
    rmSync(this.home, { recursive: true, force: true });
  }
}
