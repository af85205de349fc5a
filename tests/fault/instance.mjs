// What the fault tests stand on: the running instance that CONNEX_DEMO names, a token made in its database, traffic
// that is recorded answer by answer, and its PostgreSQL to be stopped, killed and frozen.
// Needs nothing but Node, psql and pg_ctl.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';

if (!process.env.CONNEX_DEMO) throw new Error('CONNEX_DEMO must name the demo.json of a running instance (make run)');
export const demo = JSON.parse(readFileSync(process.env.CONNEX_DEMO, 'utf8'));
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const base = new URL(demo.base_url);

// --- the database ----------------------------------------------------------------------------------------------------

/** Runs SQL as the owner and gives what its last statement prints. */
export function sql(text, values = {}, role = 'connex_owner') {
  const words = ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', demo.pg.host, '-p', String(demo.pg.port), '-U', role, '-d', demo.pg.dbname];
  // By standard input: thousands of request ids are too long for a command line.
  const set = Object.entries(values).map(([name, value]) => `\\set ${name} '${String(value).replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'\n`);
  return execFileSync('psql', words, { input: set.join('') + text, encoding: 'utf8', maxBuffer: 1 << 26 }).trim();
}
export const rows = (select, values) => JSON.parse(sql(`SELECT coalesce(json_agg(r), '[]') FROM (${select}) r;`, values));

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

// --- a script with a token -------------------------------------------------------------------------------------------

function checksum(text) { // CRC-32 in six digits of base 62, as lib/token.c
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let rest = (crc ^ 0xffffffff) >>> 0, out = '';
  for (let i = 0; i < 6; i++, rest = Math.floor(rest / 62)) out = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'[rest % 62] + out;
  return out;
}

/** A token of the demonstration's LSO for claims of all provider accounts where he has them. */
export function makeToken() {
  const user = demo.users.find(({ role }) => role === 'lso');
  const body = `cnx_${randomBytes(32).toString('base64url')}`;
  const token = body + checksum(body);
  sql(`WITH t AS (INSERT INTO connex.token (user_account_id, name, secret_hash, beginning, functions, expires_at)
         SELECT user_account_id, 'fault tests', decode(:'hash', 'hex'), 'cnx_', '{claims}', connex.now() + interval '1 hour'
           FROM connex.user_account WHERE user_id = :'user_id' RETURNING *)
       INSERT INTO connex.token_provider_account (token_id, provider_account_id)
       SELECT t.token_id, a.provider_account_id FROM t JOIN connex.access a USING (user_account_id)
        WHERE a.status = 'approved' AND 'claims' = ANY (a.functions);`,
    { user_id: user.user_id, hash: createHash('sha256').update(token).digest('hex') });
  return { token, user_id: user.user_id };
}

/** A complete session of the demonstration's LSO, whose cookie `ask` takes: what no token may do. */
export function makeSession() {
  const user = demo.users.find(({ role }) => role === 'lso');
  const secret = randomBytes(32).toString('base64url');
  sql(`INSERT INTO connex.session (secret_hash, user_account_id, ends_at, second_factor_at)
       SELECT decode(:'hash', 'hex'), user_account_id, connex.now() + interval '1 hour', connex.now() FROM connex.user_account WHERE user_id = :'user_id';`,
    { user_id: user.user_id, hash: createHash('sha256').update(secret).digest('hex') });
  return `__Host-connex=${secret}`;
}

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
