// The instance's processes, to be stopped, killed, and frozen, and traffic that is recorded answer by answer.
// Needs nothing but Node, psql, and pg_ctl.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { demo, pause, rows, sql } from './instance.mjs';
import { makeSession, makeToken } from './people.mjs';

const base = new URL(demo.base_url);
/** The demonstration's Local Security Officer: a token of his, and what no token may do. */
const officer = demo.users.find(({ role }) => role === 'lso');
export const officerToken = () => ({ token: makeToken(officer), user_id: officer.user_id });
export const officerSession = () => makeSession(officer);

/** The instance's own cluster; null when it stands on an existing PostgreSQL, which is not ours to stop. */
export const cluster = existsSync(join(demo.var, 'pg/PG_VERSION')) ? join(demo.var, 'pg') : null;
const owner = cluster && statSync(cluster);
const asOwner = process.getuid() === 0 && owner ? { uid: owner.uid, gid: owner.gid } : {};
const bin = () => execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
let options = null;

/** Ends PostgreSQL; `mode` immediate leaves it to crash recovery. */
export function stopPostgres(mode = 'immediate') {
  // How it was started, to be started the same way: "/usr/.../postgres" "-D" "..." "-k" "..." "-p" "5432"
  const words = [...readFileSync(join(cluster, 'postmaster.opts'), 'utf8').matchAll(/"([^"]*)"/g)].map(([, word]) => word);
  options = words.filter((_, i) => words[i] !== '-D' && words[i - 1] !== '-D').map((word) => `'${word}'`).join(' ');
  execFileSync(join(bin(), 'pg_ctl'), ['stop', '-D', cluster, '-m', mode, '-w', '-s'], { ...asOwner, cwd: '/' });
}
/** Starts it again; returns when it takes connections. */
export function startPostgres() {
  execFileSync(join(bin(), 'pg_ctl'), ['start', '-D', cluster, '-l', join(demo.var, 'log/postgres.log'), '-w', '-t', '30', '-s', '-o', options],
    { ...asOwner, cwd: '/', stdio: 'ignore' });
}

const childrenOf = (pid) => readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map(Number).filter((child) => {
  try {
    return Number(readFileSync(`/proc/${child}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[1]) === pid;
  } catch {
    return false; // it ended meanwhile
  }
});
const postmaster = () => Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
/** Sends a signal to the postmaster and all its children. */
export function signalPostgres(signal) {
  const main = postmaster();
  for (const pid of [main, ...childrenOf(main)]) process.kill(pid, signal);
}

/** The worker processes' pids, to see that none fell: a fallen one is replaced by another pid. After a reload the old
 * ones are among them until their last request is answered. */
export const workers = () => childrenOf(Number(readFileSync(join(demo.var, 'run/connex-fcgi.pid'), 'utf8'))).sort((a, b) => a - b);
export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;
/** Ends every connection of the workers, as an administrator may; says how many. */
export const endConnections = () =>
  Number(sql(`SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'connex_app';`, {}, 'postgres'));
export const backends = () => Number(sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = 'connex_app';`));

/** Claims that the user may see: {claim_id, provider_account_id}; with `appealable` those with an open way to level 1. */
export const claimsOf = (user_id, limit, appealable = false) => rows(`
  SELECT c.claim_id::text, c.provider_account_id::text
    FROM connex.claim c JOIN connex.access a USING (provider_account_id) JOIN connex.user_account u USING (user_account_id)
   WHERE u.user_id = :'user_id' AND a.status = 'approved' AND 'claims' = ANY (a.functions)
     ${appealable ? `AND c.status = 'denied' AND EXISTS (SELECT FROM connex.claim_actions(c.claim_id) x WHERE x.action = 'redetermination' AND x.allowed AND x.days_left >= 0)` : ''}
   ORDER BY c.claim_id DESC LIMIT ${limit}`, { user_id });

// --- traffic ---------------------------------------------------------------------------------------------------------

const agent = new https.Agent({ keepAlive: true, maxSockets: 64, ca: readFileSync(demo.ca_file) });
export const hangUp = () => agent.destroy();

/** One request; never throws: a broken connection comes back as status 0. */
export function ask(method, path, { token, cookie, body, key } = {}) {
  const began = Date.now();
  const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
  const headers = { host: base.host };
  if (token) headers.authorization = `Bearer ${token}`;
  if (cookie) headers.cookie = cookie;
  if (key) headers['idempotency-key'] = key;
  if (bytes) Object.assign(headers, { 'content-type': 'application/json', 'content-length': bytes.length });
  return new Promise((resolve) => {
    const done = (status, answer, text) => {
      let parsed;
      try { parsed = JSON.parse(text); } catch { parsed = undefined; }
      resolve({ began, ended: Date.now(), took: Date.now() - began, status, headers: answer?.headers ?? {}, text, body: parsed });
    };
    const request = https.request({ host: '127.0.0.1', port: base.port, servername: 'localhost', agent, method, path, headers, timeout: 30000 }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('error', (error) => done(0, null, String(error)));
      answer.on('end', () => done(answer.statusCode, answer, Buffer.concat(pieces).toString('utf8')));
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 30 s')));
    request.on('error', (error) => done(0, null, String(error)));
    request.end(bytes ?? undefined);
  });
}

/** `clients` that look at claims one after another until stop() is called; stop() gives every answer. */
export function look(token, claims, clients) {
  const answers = [];
  let going = true;
  const client = async (first) => {
    for (let i = first; going; i++) {
      const { claim_id, provider_account_id } = claims[i % claims.length];
      answers.push(await ask('GET', `/api/v1/provider-accounts/${provider_account_id}/claims/${claim_id}`, { token }));
      await pause(3);
    }
  };
  const all = [...Array(clients).keys()].map((i) => client(i * 7));
  return { answers, stop: async () => { going = false; await Promise.all(all); return answers; } };
}

/** How many of these answers left their audit row. */
export function audited(answers) {
  const ids = answers.map(({ headers }) => headers['x-request-id']);
  if (ids.length !== new Set(ids).size) throw new Error('two answers with one request id');
  return Number(sql(`SELECT count(DISTINCT request_id) FROM audit.event WHERE at > clock_timestamp() - interval '10 minutes' AND request_id = ANY (:'ids'::text[]);`,
    { ids: `{${ids.join(',')}}` }));
}
