// Stops, kills, and freezes the instance's processes, and sends traffic while that happens. Needs only Node, psql, and
// pg_ctl.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { send } from './http.mjs';
import { demo, pause, rows, sql } from './instance.mjs';
import { makeSession, makeToken } from './people.mjs';

/** The demonstration's Local Security Officer: a token of his, and a session for what a token may not do. */
const officer = demo.users.find(({ role }) => role === 'lso');
export const officerToken = () => ({ token: makeToken(officer), user_id: officer.user_id });
export const officerSession = () => makeSession(officer);

/** The instance's own cluster; null when the instance uses an existing PostgreSQL, which is not ours to stop. */
export const cluster = existsSync(join(demo.var, 'pg/PG_VERSION')) ? join(demo.var, 'pg') : null;
const owner = cluster && statSync(cluster);
const asOwner = process.getuid() === 0 && owner ? { uid: owner.uid, gid: owner.gid } : {};
const bin = () => execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
let options = null;

/** Stops PostgreSQL; after `mode` immediate it starts with crash recovery. */
export function stopPostgres(mode = 'immediate') {
  // The options it was started with, so that it can be started the same way: "/usr/.../postgres" "-D" "..." "-k" "..." "-p" "5432"
  const words = [...readFileSync(join(cluster, 'postmaster.opts'), 'utf8').matchAll(/"([^"]*)"/g)].map(([, word]) => word);
  options = words.filter((_, i) => words[i] !== '-D' && words[i - 1] !== '-D').map((word) => `'${word}'`).join(' ');
  execFileSync(join(bin(), 'pg_ctl'), ['stop', '-D', cluster, '-m', mode, '-w', '-s'], { ...asOwner, cwd: '/' });
}
/** Starts it again and returns when it accepts connections. */
export function startPostgres() {
  execFileSync(join(bin(), 'pg_ctl'), ['start', '-D', cluster, '-l', join(demo.var, 'log/postgres.log'), '-w', '-t', '30', '-s', '-o', options],
    { ...asOwner, cwd: '/', stdio: 'ignore' });
}

const childrenOf = (pid) => readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map(Number).filter((child) => {
  try {
    return Number(readFileSync(`/proc/${child}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[1]) === pid;
  } catch {
    return false; // it has ended in the meantime
  }
});
const postmaster = () => Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
/** Sends a signal to the postmaster and all its children. */
export function signalPostgres(signal) {
  const main = postmaster();
  for (const pid of [main, ...childrenOf(main)]) process.kill(pid, signal);
}

/** The workers' process ids. A worker that crashed is replaced by one with another id. After a reload, the old workers
 * stay on the list until they have answered their last request. */
export const workers = () => childrenOf(Number(readFileSync(join(demo.var, 'run/connex-fcgi.pid'), 'utf8'))).sort((a, b) => a - b);
export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;
/** Ends every database connection of the workers, as an administrator can, and returns how many there were. */
export const endConnections = () =>
  Number(sql(`SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'connex_app';`, {}, 'postgres'));
export const backends = () => Number(sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = 'connex_app';`));

/** Claims that the user may see: {claim_id, provider_account_id}; with `appealable`, only those that can be appealed now. */
export const claimsOf = (user_id, limit, appealable = false) => rows(`
  SELECT c.claim_id::text, c.provider_account_id::text
    FROM connex.claim c JOIN connex.access a USING (provider_account_id) JOIN connex.user_account u USING (user_account_id)
   WHERE u.user_id = :'user_id' AND a.status = 'approved' AND 'claims' = ANY (a.functions)
     ${appealable ? `AND c.status = 'denied' AND EXISTS (SELECT FROM connex.claim_actions(c.claim_id) x WHERE x.action = 'redetermination' AND x.allowed AND x.days_left >= 0)` : ''}
   ORDER BY c.claim_id DESC LIMIT ${limit}`, { user_id });

// --- traffic ---------------------------------------------------------------------------------------------------------

/** One request, with the time it took. Never throws: a broken connection is status 0. */
export async function ask(method, path, { token, cookie, body, key } = {}) {
  const began = Date.now();
  const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (cookie) headers.cookie = cookie;
  if (key) headers['idempotency-key'] = key;
  if (bytes) Object.assign(headers, { 'content-type': 'application/json', 'content-length': bytes.length });
  const answer = await send(method, path, { headers, bytes });
  const ended = Date.now();
  return { ...answer, began, ended, took: ended - began };
}

/** Starts `clients` that read claims one after another until stop() is called; stop() returns every answer. */
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

/** How many of these answers have an audit row. */
export function audited(answers) {
  const ids = answers.map(({ headers }) => headers['x-request-id']);
  if (ids.length !== new Set(ids).size) throw new Error('two answers with one request id');
  return Number(sql(`SELECT count(DISTINCT request_id) FROM audit.event WHERE at > clock_timestamp() - interval '10 minutes' AND request_id = ANY (:'ids'::text[]);`,
    { ids: `{${ids.join(',')}}` }));
}
