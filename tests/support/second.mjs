// Workers and an nginx of their own on the instance's database (or another one), with the limits and settings that an
// installation has by default. The instance itself is made for tests that all come from one address.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, root } from './cluster.mjs';
import { demo } from './instance.mjs';
import { until } from './wait.mjs';

const ca = readFileSync(demo.ca_file);
/** Who owns the instance's programs' files; a test that runs as root gives its processes the same user. */
const service = statSync(join(demo.var, 'log'));
const asService = process.getuid() === 0 ? { uid: service.uid, gid: service.gid } : {};
const instance = Object.fromEntries([...readFileSync(join(demo.var, 'secret/environment.connex-fcgi'), 'utf8').matchAll(/^export (CONNEX_\w+)=(.*)$/gm)]
  .map(([, name, value]) => [name, value.replace(/\\(.)/g, '$1')]));

export class Second {
  /** `settings`: of connex-fcgi; `nginx`: of scripts/render-nginx. Does not wait until it is ready. */
  static async start({ settings = {}, nginx = {} } = {}) {
    const second = new Second();
    second.home = mkdtempSync(join(tmpdir(), 'connex-second-'));
    chmodSync(second.home, 0o755);
    for (const folder of ['run', 'log', 'temp', 'nginx']) {
      mkdirSync(join(second.home, folder));
      if (asService.uid) chownSync(join(second.home, folder), asService.uid, asService.gid);
    }
    second.port = await freePort();
    const { CONNEX_RATE_PER_MINUTE, CONNEX_RATE_BURST, CONNEX_DB_READ, ...same } = instance;
    const log = openSync(join(second.home, 'log/workers.log'), 'a');
    second.workers = spawn(join(demo.var, 'bin/connex-fcgi'), [], { ...asService, cwd: '/', stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH, ...same, CONNEX_SOCKET: join(second.home, 'run/connex.sock'), ...settings } });
    execFileSync(join(root, 'scripts/render-nginx'), [join(second.home, 'nginx')], { env: { PATH: process.env.PATH, RUN: join(second.home, 'run'), LOG: join(second.home, 'log'),
      TEMP: join(second.home, 'temp'), TLS: join(demo.var, 'tls'), WEB: join(demo.var, 'web'), SERVER_NAME: '_', LISTEN: `    listen 127.0.0.1:${second.port} ssl http2;`, ...nginx } });
    await until('the workers listen', () => statSync(join(second.home, 'run/connex.sock'), { throwIfNoEntry: false }) || second.workers.exitCode !== null);
    second.nginx = spawn('nginx', ['-c', join(second.home, 'nginx/nginx.conf'), '-e', join(second.home, 'log/error.log'), '-g', 'daemon off;'],
      { ...asService, cwd: '/', stdio: 'ignore', env: { PATH: `${process.env.PATH}:/usr/sbin` } });
    await until('nginx answers', async () => (await second.ask('GET', '/healthz')).status > 0);
    return second;
  }

  /** One request on a connection of its own; status 0 when there is no answer. */
  ask(method, path, { body, headers = {} } = {}) {
    const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
    return new Promise((resolve) => {
      const request = https.request({ host: '127.0.0.1', port: this.port, servername: 'localhost', ca, agent: false, method, path, timeout: 30000,
        headers: { host: `localhost:${this.port}`, ...(bytes ? { 'content-type': 'application/json', 'content-length': bytes.length } : {}), ...headers } }, (answer) => {
        let text = '';
        answer.on('data', (piece) => { text += piece; }).on('error', () => {}).on('end', () => {
          resolve({ status: answer.statusCode, headers: answer.headers, text, body: /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(text) : undefined });
        });
      });
      request.on('timeout', () => request.destroy()).on('error', (error) => resolve({ status: 0, text: error.message, headers: {} }));
      request.end(bytes ?? undefined);
    });
  }
  get log() { return readFileSync(join(this.home, 'log/workers.log'), 'utf8'); }

  async end() {
    for (const process_ of [this.nginx, this.workers]) {
      if (!process_ || process_.exitCode !== null) continue;
      const gone = new Promise((done) => process_.once('exit', done));
      process_.kill('SIGTERM');
      await gone;
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}
