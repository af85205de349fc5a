// Measures a running instance, prints a table, and writes it to VAR/bench.json.
//
//   make bench [VAR=var] [PORT=8443]     starts the instance if it is not running
//   BENCH_SECONDS=8                      length of each measurement; an endpoint takes several rounds of half of it
//   BENCH_835_MB=1024                    size of the 835 file that is loaded; 0 leaves the load out
//   BENCH_ONLY=claim,load                only these: claim eligibility session burst reload log_ins web load
//   BENCH_AGAINST=27c7ada                measures the endpoints (claim, eligibility, session) and the load of this commit too, in
//                                        turns with ours, on an instance of its own with as much data; each row gets `against`. Its
//                                        tree is kept in VAR/against for the next time
//
// Ratios compare numbers of one run. `limit` is the serial limit 1/(1/a + 1/b): a is the floor, pgbench running the least SQL
// that answers the question (tests/bench/floor/), prepared and pipelined, at the number of connections that suits it best; b
// is nginx serving a static file of the same size over TLS. CPU is what each tier used.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { older_tree } from './older.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const real = (at) => (fs.existsSync(at) ? fs.realpathSync(at) : at);
const VAR = real(path.resolve(root, process.env.VAR ?? 'var'));
const ONLY = ['claim', 'eligibility', 'session', 'burst', 'reload', 'log_ins', 'web', 'load'];
const only = process.env.BENCH_ONLY?.split(',');
const unknown = only?.filter((name) => !ONLY.includes(name)) ?? [];
if (unknown.length) { console.error(`bench: BENCH_ONLY=${process.env.BENCH_ONLY}: choose from ${ONLY.join(', ')}`); process.exit(64); }
const wanted = (name) => !only || only.includes(name);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const ROUNDS = 3;
const ROUND_SECONDS = Math.max(2, Math.round(SECONDS / 2));
const LEAST_OF_LIMIT = 0.6;
const P99_MOST_MS = 60;
const LEAST_ALIKE = 0.95; // two measurements of one program differ by about as much
const LEAST_AGAINST = { '27c7ada': [2.5, 1.8, 1.5] }; // times as fast as that commit: lookups, session, load
const least_against = () => LEAST_AGAINST[theirs?.id.slice(0, 7)] ?? [LEAST_ALIKE, LEAST_ALIKE, LEAST_ALIKE];
const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const CONNECTIONS = 64;
const say = (...words) => console.log(...words);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'connex-bench-'));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// ---------------------------------------------------------------- processes and their CPU

const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const cpu_of = (pid) => { try { const f = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' '); return (Number(f[11]) + Number(f[12])) / ticks; } catch { return 0; } };
const children = (pid) => { try { return fs.readdirSync(`/proc/${pid}/task`).flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(/\s+/).filter(Boolean)); } catch { return []; } };
const family = (pid) => (pid ? [pid, ...children(pid).flatMap(family)] : []);
const TIERS = { nginx: 'run/nginx.pid', worker: 'run/connex-fcgi.pid', postgres: 'pg/postmaster.pid' };
const to_ms = (text) => { const [, number, unit] = /([\d.]+)(us|ms|s|m)/.exec(text); return Number(number) * { us: 0.001, ms: 1, s: 1000, m: 60000 }[unit]; };

// ---------------------------------------------------------------- instances

/** A running instance, reached as a browser and PostgreSQL's administrator would reach it. */
class Instance {
  constructor(at) {
    this.var = at;
    this.demo = JSON.parse(fs.readFileSync(path.join(at, 'demo.json'), 'utf8'));
    this.base = new URL(this.demo.base_url);
    this.ca = fs.readFileSync(this.demo.ca_file);
    this.agent = new https.Agent({ keepAlive: true, maxSockets: 256, ca: this.ca });
    this.socket_db = `host=${this.demo.pg.host} port=${this.demo.pg.port} dbname=${this.demo.pg.dbname}`;
  }

  /** One request; resolves to {status, headers, text, json}. */
  ask(method, at, { cookie, body } = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { accept: 'application/json', ...(cookie && { cookie }), ...(method !== 'GET' && { origin: this.demo.base_url }),
      ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) };
    return new Promise((done, fail) => {
      const request = https.request({ agent: this.agent, host: this.base.hostname, port: this.base.port, method, path: at, headers }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => { const whole = Buffer.concat(parts).toString(); let json; try { json = JSON.parse(whole); } catch { json = undefined; } done({ status: answer.statusCode, headers: answer.headers, text: whole, json }); });
      });
      request.on('error', fail);
      request.end(text);
    });
  }

  as_superuser(sql) { return execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', `${this.socket_db} user=postgres`, '-c', sql], { encoding: 'utf8' }).trim(); }

  /** Logs a demonstration user in, with the day's code from the mailbox if one is asked for; returns the cookie. */
  async log_in(user) {
    // Codes are limited per hour, so those of earlier measurements are deleted.
    this.as_superuser(`DELETE FROM connex.mailed_code_count USING connex.user_account u WHERE u.user_account_id = mailed_code_count.user_account_id AND u.user_id = '${user.user_id}'`);
    const since = Date.now() - 2000;
    const first = await this.ask('POST', '/api/v1/session', { body: { user_id: user.user_id, password: user.password } });
    if (first.status !== 200) throw new Error(`log in of ${user.user_id}: ${first.status} ${first.text}`);
    const cookie = first.headers['set-cookie'][0].split(';')[0];
    if (first.json.next !== 'security_code') return cookie;
    const sent = await this.ask('POST', '/api/v1/session/security-code', { cookie, body: { method: 'email' } });
    if (sent.status >= 300) throw new Error(`security code: ${sent.status} ${sent.text}`);
    const verified = await this.ask('POST', '/api/v1/session/security-code-verification', { cookie, body: { code: await this.mailed_code(user, since) } });
    if (verified.status >= 300) throw new Error(`security code: ${verified.status} ${verified.text}`);
    return verified.headers['set-cookie']?.[0].split(';')[0] ?? cookie;
  }
  async mailed_code(user, since) {
    for (let i = 0; i < 100; i++) {
      const mails = await (await fetch(`${this.demo.mailbox_url}/email`)).json();
      const mail = mails.filter((m) => m.to?.some((to) => to.address.toLowerCase() === user.email.toLowerCase()) && Date.parse(m.time) >= since).at(-1);
      const code = /\b(\d{6})\b/.exec(mail?.text ?? '')?.[1];
      if (code) return code;
      await sleep(100);
    }
    throw new Error(`no security code for ${user.user_id} within 10 s`);
  }

  pid(name) { try { return fs.readFileSync(path.join(this.var, name), 'utf8').split('\n')[0].trim(); } catch { return undefined; } }
  cpu_now() { return Object.fromEntries(Object.entries(TIERS).map(([tier, file]) => [tier, family(this.pid(file)).reduce((sum, pid) => sum + cpu_of(pid), 0)])); }
  worker_memory_mb() { return family(this.pid(TIERS.worker)).reduce((sum, pid) => { try { return sum + Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024; } catch { return sum; } }, 0); }

  /** Finds a user, one of the user's provider accounts, and what is looked up: 50 claims and 50 beneficiaries. */
  async subjects() {
    const { users } = this.demo;
    const user = users.find((one) => one.role === 'office' && !/locked|suspended|step|new/i.test(one.words ?? '')) ?? users.find((one) => one.role === 'lso');
    const cookie = await this.log_in(user);
    const accounts = (await this.ask('GET', '/api/v1/provider-accounts', { cookie })).json.items;
    const account = (accounts.find((one) => one.functions?.includes('claims') && one.functions?.includes('eligibility')) ?? accounts[0]).provider_account_id;
    const search = await this.ask('POST', `/api/v1/provider-accounts/${account}/claim-searches`, { cookie, body: { limit: 50 } });
    if (search.status !== 200) throw new Error(`claim search: ${search.status} ${search.text}`);
    const persons = JSON.parse(this.as_superuser(`SELECT json_agg(p) FROM (SELECT m.mbi, b.last_name, b.first_name, b.birth_on
        FROM connex.beneficiary b JOIN connex.beneficiary_mbi m USING (beneficiary_id) WHERE m.ended_on IS NULL ORDER BY b.beneficiary_id LIMIT 50) p`));
    const claim_ids = search.json.items.map(({ claim_id }) => claim_id);
    return {
      instance: this, cookie, headers: { Cookie: cookie }, account, claim_ids, persons,
      claim: claim_ids.map((claim_id) => ({ path: `/api/v1/provider-accounts/${account}/claims/${claim_id}` })),
      eligibility: persons.map((body) => ({ method: 'POST', path: `/api/v1/provider-accounts/${account}/eligibility-lookups`, body })),
      session: [{ path: '/api/v1/session' }],
    };
  }

  /** wrk over kept TLS connections, with the CPU that each tier used for a request. */
  wrk(requests, { connections = CONNECTIONS, seconds = SECONDS, headers = {} } = {}) {
    const script = path.join(scratch, `wrk-${Math.random().toString(36).slice(2)}.lua`);
    const quote = (text) => JSON.stringify(String(text)).replace(/\\u([0-9a-f]{4})/gi, '\\u{$1}');
    // Every request is made once, before the clock runs; then they are sent in rotation.
    fs.writeFileSync(script, [...Object.entries({ ...headers, ...(requests.some((one) => one.body) && { 'Content-Type': 'application/json', Origin: this.demo.base_url }) })
      .map(([name, value]) => `wrk.headers[${quote(name)}] = ${quote(value)}`),
    'local all, at = {}, 0', 'function init()',
    ...requests.map(({ method = 'GET', path: where, body }) => `  all[#all + 1] = wrk.format(${quote(method)}, ${quote(where)}, nil, ${body ? quote(JSON.stringify(body)) : 'nil'})`),
    'end', 'function request() at = at % #all + 1; return all[at] end', ''].join('\n'));
    return new Promise((done, fail) => {
      const before = this.cpu_now();
      const child = spawn('wrk', ['-t2', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s', '-s', script, this.demo.base_url], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (part) => { text += part; });
      child.on('error', fail);
      child.on('close', () => {
        const after = this.cpu_now(), count = Number(/(\d+) requests in/.exec(text)?.[1] ?? 0);
        const errors = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
        const socket_errors = (/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? []).reduce((sum, n) => sum + Number(n), 0);
        if (!count) return fail(new Error(`wrk: ${text}`));
        done({ requests: count, errors, socket_errors, requests_per_s: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]), p50_ms: to_ms(/^\s+50%\s+(\S+)/m.exec(text)[1]), p99_ms: to_ms(/^\s+99%\s+(\S+)/m.exec(text)[1]),
          cpu_us: Object.fromEntries(Object.keys(after).map((tier) => [tier, Math.round(((after[tier] - before[tier]) * 1e6) / count)])) });
      });
    });
  }
}

/** What several runs of the same requests measured. */
const summary = (runs) => ({ requests_per_s: Math.round(mean(runs.map((run) => run.requests_per_s))), p50_ms: mean(runs.map((run) => run.p50_ms)), p99_ms: Math.max(...runs.map((run) => run.p99_ms)),
  errors: runs.reduce((sum, run) => sum + run.errors + run.socket_errors, 0),
  cpu_us: Object.fromEntries(Object.keys(TIERS).map((tier) => [tier, Math.round(mean(runs.map((run) => run.cpu_us[tier])))])) });

// The limits by address are raised during the measurement.
const raised = { LOG_IN_RATE: '10000r/s', LOG_IN_BURST: '10000', LOG_IN_PACE: '10000r/s', CONNECTIONS_PER_ADDRESS: '4096', CONNEX_RATE_PER_MINUTE: '1000000', CONNEX_RATE_BURST: '100000' };
const was_running = fs.existsSync(path.join(VAR, 'run/nginx.pid')) && spawnSync(path.join(root, 'scripts/health'), { env: process.env }).status === 0;
const run_instance = (settings) => execFileSync(path.join(root, 'scripts/run'), { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'inherit'] });
run_instance(raised);
const ours = new Instance(VAR);

/** Builds another commit in VAR/against and starts it there, with as many claims as ours has. */
function start_against(commit) {
  const { id, tree } = older_tree(root, commit, path.join(VAR, 'against'));
  const claims = Math.max(1000, Number(ours.as_superuser('SELECT count(*) FROM connex.claim')));
  const env = { ...process.env, ...raised, VAR: path.join(tree, 'var'), PORT: String(Number(ours.base.port) + 20), DEMO_CLAIMS: String(claims), CONNEX_DB: '' };
  say(`Building ${id} and starting it (${tree})`);
  const stop = () => execFileSync(path.join(tree, 'scripts/stop'), { env, stdio: 'ignore' });
  try {
    execFileSync(path.join(tree, 'scripts/run'), { env, stdio: ['ignore', 'pipe', 'inherit'] });
    return { id, tree, instance: new Instance(real(env.VAR)), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

// ---------------------------------------------------------------- PostgreSQL alone

const PGBENCH = fs.readdirSync('/usr/lib/postgresql').sort().reverse().map((v) => `/usr/lib/postgresql/${v}/bin/pgbench`).find((at) => fs.existsSync(at));
/** Transactions per second of the floor, without the first two seconds, when each connection plans. A script for each subject
 * (a claim, a number), which stands in it as a literal: a list of them would be parsed for each statement. */
function floor(kind, subjects, values, connections) {
  const text = fs.readFileSync(path.join(root, 'tests/bench/floor', `${kind}.sql`), 'utf8');
  const files = subjects.flatMap((subject, n) => {
    const file = path.join(scratch, `${kind}-${n}.pgbench`);
    fs.writeFileSync(file, text.replaceAll(':subject', `'${subject}'`));
    return ['-f', file];
  });
  const given = Object.entries(values).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  const run = spawnSync(PGBENCH, ['-n', '-M', 'prepared', '-P', '1', '-c', String(connections), '-j', '2', '-T', String(ROUND_SECONDS + 2), ...given, ...files, `${ours.socket_db} user=postgres`], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const seconds = [...run.stderr.matchAll(/^progress: .* s, ([\d.]+) tps/gm)].map(([, tps]) => Number(tps)).slice(2);
  if (!seconds.length || /aborted|ERROR/.test(run.stderr)) throw new Error(`pgbench ${kind}: ${run.stderr.split('\n').filter((line) => /ERROR|aborted|error/.test(line)).slice(0, 3).join(' ')}`);
  return mean(seconds);
}

// ---------------------------------------------------------------- measurements

let theirs, theirs_looks_up, ours_looks_up;
const rows = [];
const record = (row) => { rows.push(row); return row; };
const faults = [];
const hold = (words, held) => { say(`  ${held ? 'met   ' : 'MISSED'}  ${words}`); if (!held) faults.push(words); };

/** One endpoint, over many different subjects, against its serial limit, and against another commit when there is one. Held to
 * the limit and to a p99 is what leaves an audit row: the floor of the session commits nothing. */
async function endpoint(kind, name, floor_subjects, values, most_us, least_against) {
  if (!wanted(kind)) return;
  const subjects = ours_looks_up[kind], sizes = [];
  for (const { method = 'GET', path: at, body } of subjects) {
    const sample = await ours.ask(method, at, { cookie: ours_looks_up.cookie, body });
    if (sample.status !== 200) throw new Error(`${name}: ${sample.status} ${sample.text.slice(0, 300)}`);
    sizes.push(Buffer.byteLength(sample.text));
  }
  const size = Math.round(mean(sizes));
  const file = path.join(VAR, 'web', `bench-${size}.json`);
  fs.writeFileSync(file, 'x'.repeat(size));
  fs.chmodSync(file, 0o644);
  const measure = async ({ instance, headers, [kind]: requests }, runs) => {
    await instance.wrk(requests, { headers, seconds: 2 }); // each connection of the workers plans its statements once
    runs.push(await instance.wrk(requests, { headers, seconds: ROUND_SECONDS }));
  };
  try {
    // In turns, several rounds, so that a noisy machine affects all of them alike.
    const a_of = { 4: [], 8: [], 16: [], 32: [] }, b_runs = [], runs = [], other_runs = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [connections, found] of Object.entries(a_of)) found.push(floor(kind, floor_subjects, values, connections));
      b_runs.push(await ours.wrk([{ path: `/bench-${size}.json` }], { seconds: ROUND_SECONDS }));
      if (theirs_looks_up && round % 2 === 1) await measure(theirs_looks_up, other_runs);
      await measure(ours_looks_up, runs);
      if (theirs_looks_up && round % 2 === 0) await measure(theirs_looks_up, other_runs);
    }
    const a = Math.max(...Object.values(a_of).map(mean)), static_file = summary(b_runs), here = summary(runs), there = theirs_looks_up && summary(other_runs);
    const limit = 1 / (1 / a + 1 / static_file.requests_per_s), ratio = here.requests_per_s / limit;
    const row = record({ name, subjects: subjects.length, bytes: size, a_per_s: Math.round(a), b_per_s: static_file.requests_per_s, limit_per_s: Math.round(limit), ratio: Number(ratio.toFixed(2)), ...here });
    if (kind !== 'session') {
      hold(`${name}: ${ratio.toFixed(2)} of the floor's serial limit (at least ${LEAST_OF_LIMIT})`, ratio >= LEAST_OF_LIMIT);
      hold(`${name}: p99 ${here.p99_ms} ms (under ${P99_MOST_MS})`, here.p99_ms < P99_MOST_MS);
    }
    hold(`${name}: PostgreSQL's CPU ${here.cpu_us.postgres} us a request (at most ${most_us})`, here.cpu_us.postgres <= most_us);
    hold(`${name}: every answer 2xx`, here.errors + static_file.errors === 0);
    if (there) {
      row.against = { commit: theirs.id, factor: Number((here.requests_per_s / there.requests_per_s).toFixed(2)), ...there };
      hold(`${name}: ${row.against.factor} times the requests of ${theirs.id} (at least ${least_against})`, row.against.factor >= least_against && there.errors === 0);
    }
  } finally { fs.unlinkSync(file); }
}

/** 40 requests of 200 ms at once, on 8 threads behind an nginx that keeps its connections: none of them may starve. */
async function burst() {
  execFileSync('make', ['-s', '--no-print-directory', '-C', root, 'benches'], { env: { ...process.env, MAKEFLAGS: '', VAR: '' }, stdio: ['ignore', 'ignore', 'inherit'] });
  const port = Number(ours.base.port) + 7;
  const at = { RUN: scratch, LOG: scratch, TEMP: path.join(scratch, 'temp'), TLS: path.join(VAR, 'tls'), WEB: scratch, SERVER_NAME: 'localhost 127.0.0.1', LISTEN: `    listen 127.0.0.1:${port} ssl http2;`, USER_LINE: process.getuid() === 0 ? 'user root;' : '' };
  const conf = path.join(scratch, 'nginx');
  fs.mkdirSync(at.TEMP, { recursive: true });
  execFileSync(path.join(root, 'scripts/render-nginx'), [conf], { env: { ...process.env, ...raised, ...at } });
  const worker = spawn(path.join(root, 'build/release/tests/bench/slow_worker'), [path.join(scratch, 'connex.sock'), '2', '4'], { stdio: 'ignore' });
  const nginx = spawn('/usr/sbin/nginx', ['-p', conf, '-c', path.join(conf, 'nginx.conf'), '-e', path.join(scratch, 'error.log'), '-g', 'daemon off;'], { stdio: 'ignore' });
  try {
    await sleep(1000);
    const own = new https.Agent({ keepAlive: true, maxSockets: 64, ca: ours.ca });
    const one = () => new Promise((done) => {
      const began = process.hrtime.bigint();
      const request = https.get({ agent: own, host: '127.0.0.1', servername: 'localhost', port, path: '/api/v1/session' }, (answer) => { answer.resume(); answer.on('end', () => done({ status: answer.statusCode, ms: Number(process.hrtime.bigint() - began) / 1e6 })); });
      request.on('error', () => done({ status: 0, ms: 0 }));
    });
    for (let round = 0; round < 3; round++) { // from the second round on, the connections are kept ones
      const answers = await Promise.all(Array.from({ length: 40 }, one));
      const slowest = Math.max(...answers.map((answer) => answer.ms)), good = answers.filter((answer) => answer.status === 200).length;
      if (round === 2) record({ name: 'burst of 40 requests of 200 ms', requests_per_s: Math.round(40000 / slowest), limit_per_s: 40, ratio: Number((1000 / slowest).toFixed(2)), p50_ms: answers.map((answer) => answer.ms).sort((x, y) => x - y)[20], p99_ms: slowest, cpu_us: null });
      hold(`burst ${round + 1}: ${good} of 40 answered 200, the slowest after ${Math.round(slowest)} ms (under 1200)`, good === 40 && slowest < 1200);
    }
    own.destroy();
  } finally { nginx.kill('SIGTERM'); worker.kill('SIGTERM'); await sleep(300); }
}

/** Reloads the workers again and again under load: no answer may be lost. */
async function reload_under_load(lookups, headers) {
  const seconds = Number(process.env.BENCH_RELOAD_SECONDS ?? 30);
  let reloads = 0, going = true;
  const loop = (async () => { while (going) { await sleep(2000); const pid = ours.pid(TIERS.worker); if (pid && going) { process.kill(Number(pid), 'SIGHUP'); reloads++; } } })();
  const load = await ours.wrk(lookups, { headers, seconds, connections: 32 });
  going = false;
  await loop;
  record({ name: 'reload under load', reloads, requests_per_s: Math.round(load.requests_per_s), limit_per_s: null, ratio: null, p50_ms: load.p50_ms, p99_ms: load.p99_ms, cpu_us: null, errors: load.errors, socket_errors: load.socket_errors });
  hold(`${reloads} reloads in ${seconds} s: ${load.errors + load.socket_errors} of ${load.requests} answers lost`, load.errors + load.socket_errors === 0);
  await sleep(9000); // the old generations linger for kept connections
}

/** 200 wrong log-ins a second beside lookups: hashing passwords may not starve the lookups, nor fill the memory. */
async function wrong_log_ins(lookups, headers) {
  await ours.wrk(lookups, { headers, connections: 8, seconds: 3 });
  const quiet = await ours.wrk(lookups, { headers, connections: 8 });
  let memory = 0, sent = 0;
  const answers = {};
  const began = Date.now();
  const tick = setInterval(() => {
    memory = Math.max(memory, ours.worker_memory_mb());
    const due = Math.floor((Date.now() - began) / 5); // 200 per second
    for (; sent < due; sent++) {
      ours.ask('POST', '/api/v1/session', { body: { user_id: `ZZ${String.fromCharCode(65 + (sent % 26), 65 + (Math.floor(sent / 26) % 26))}${String(sent % 1000).padStart(3, '0')}`, password: 'a wrong password, long enough' } })
        .then((answer) => { answers[answer.status] = (answers[answer.status] ?? 0) + 1; }, () => { answers.lost = (answers.lost ?? 0) + 1; });
    }
  }, 50);
  const loud = await ours.wrk(lookups, { headers, connections: 8 });
  clearInterval(tick);
  record({ name: 'lookup, quiet', requests_per_s: Math.round(quiet.requests_per_s), limit_per_s: null, ratio: null, p50_ms: quiet.p50_ms, p99_ms: quiet.p99_ms, cpu_us: quiet.cpu_us });
  record({ name: 'lookup beside 200 wrong log-ins/s', requests_per_s: Math.round(loud.requests_per_s), limit_per_s: null, ratio: Number((loud.p99_ms / quiet.p99_ms).toFixed(2)), p50_ms: loud.p50_ms, p99_ms: loud.p99_ms, cpu_us: loud.cpu_us,
    log_ins: answers, memory_mb: Math.round(memory) });
  say(`          wrong log-ins sent ${sent}, answered ${JSON.stringify(answers)}`);
  hold(`lookup's p99 ${loud.p99_ms} ms beside wrong log-ins, ${quiet.p99_ms} ms quiet (at most 3 times)`, loud.p99_ms <= 3 * quiet.p99_ms);
  hold(`memory of all workers ${Math.round(memory)} MB (under 256)`, memory > 0 && memory < 256);
}

/** The peak memory of a child, from its VmHWM. */
function watched(program, args, options) {
  return new Promise((done) => {
    const child = spawn(program, args, options);
    let peak = 0, text = '';
    child.stdout?.on('data', (part) => { text = (text + part).slice(-4000); });
    child.stderr?.on('data', (part) => { text = (text + part).slice(-4000); });
    const look = setInterval(() => { try { peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024); } catch { /* it ended */ } }, 20);
    child.on('close', (status) => { clearInterval(look); done({ status, peak, text }); });
  });
}

/** A database of its own in an instance's cluster, with the rules of a tree and a small demonstration. */
class LoadDatabase {
  constructor(instance, tree) {
    this.connex = path.join(instance.var, 'bin/connex');
    this.at = (user, database = 'connex_bench') => `host=${instance.demo.pg.host} port=${instance.demo.pg.port} user=${user} dbname=${database}`;
    this.drop();
    execFileSync(path.join(tree, 'scripts/migrate'), { env: { ...process.env, CONNEX_DB: this.at('postgres') }, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync(this.connex, ['demo', '--claims', '1000', '--seed', '1'], { env: { ...process.env, CONNEX_DB: this.at('connex_owner') }, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  psql(sql, database) { return execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', `options='-c client_min_messages=warning' ${this.at('postgres', database)}`, '-c', sql], { encoding: 'utf8' }).trim(); }
  drop() { this.psql('DROP DATABASE IF EXISTS connex_bench WITH (FORCE)', 'postgres'); }

  /** Loads an 835; how long it took, the program's peak memory, and how many claims are new. */
  async load(file) {
    const before = Number(this.psql('SELECT count(*) FROM connex.claim'));
    const began = process.hrtime.bigint();
    const { status, peak } = await watched(this.connex, ['load', '835', file], { env: { ...process.env, CONNEX_DB: this.at('connex_loader') }, stdio: ['ignore', 'pipe', 'pipe'] });
    return { status, peak, seconds: Number(process.hrtime.bigint() - began) / 1e9, claims: Number(this.psql('SELECT count(*) FROM connex.claim')) - before };
  }
}

/** The same file into the older version; how many times as long it took. The rows differ, but the claims are the same. */
async function load_against(file, { seconds, claims }) {
  const database = new LoadDatabase(theirs.instance, theirs.tree);
  try {
    const other = await database.load(file);
    const factor = Number((other.seconds / seconds).toFixed(2));
    const [, , least] = least_against();
    hold(`load: ${factor} times as fast as ${theirs.id} (at least ${least})`, factor >= least && other.claims === claims);
    return { commit: theirs.id, factor, seconds: other.seconds };
  } finally { database.drop(); }
}

/** Loads a large 835, and compares with COPY of the same rows, which is the fastest way into PostgreSQL. */
async function load_835() {
  const megabytes = Number(process.env.BENCH_835_MB ?? 1024);
  if (!megabytes) return;
  const database = new LoadDatabase(ours, root), psql = (sql) => database.psql(sql), admin = database.at('postgres');
  const file = path.join(scratch, 'large.835');
  try {
    // A small file gives the bytes of a claim; then one of the size asked for.
    const generate = (claims) => execFileSync(database.connex, ['demo', '--remittances', file, '--claims', String(claims), '--seed', '1', '--first-serial', '1000000'], { stdio: ['ignore', 'ignore', 'inherit'] });
    generate(2000);
    const each = fs.statSync(file).size / 2000;
    generate(Math.ceil((megabytes * 1e6) / each));
    const bytes = fs.statSync(file).size;
    const load = await database.load(file), { seconds, claims } = load;
    hold(`an 835 of ${Math.round(bytes / 1e6)} MB loads (status ${load.status})`, load.status === 0 || load.status === 2);
    hold(`memory of the load ${load.peak.toFixed(1)} MB (under 32)`, load.peak > 0 && load.peak < 32);
    const against = theirs && await load_against(file, load);
    const tables = ['remittance', 'claim', 'adjudication', 'claim_line'];
    let copied = 0, copy_seconds = 0;
    for (const table of tables) {
      const columns = psql(`SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'connex.${table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`);
      const data = path.join(scratch, `${table}.copy`);
      psql(`CREATE TABLE public.copy_${table} (LIKE connex.${table} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING INDEXES)`);
      execFileSync('psql', ['-Xq', '-d', admin, '-c', `\\copy (SELECT ${columns} FROM connex.${table}) TO '${data}'`]);
      const start = process.hrtime.bigint();
      execFileSync('psql', ['-Xq', '-d', admin, '-c', `\\copy public.copy_${table} (${columns}) FROM '${data}'`]);
      copy_seconds += Number(process.hrtime.bigint() - start) / 1e9;
      copied += Number(psql(`SELECT count(*) FROM public.copy_${table}`));
      fs.unlinkSync(data);
    }
    record({ name: `load 835, ${Math.round(bytes / 1e6)} MB`, requests_per_s: Math.round(copied / seconds), limit_per_s: Math.round(copied / copy_seconds), ratio: Number((copy_seconds / seconds).toFixed(2)), p50_ms: null, p99_ms: null,
      cpu_us: null, memory_mb: Number(load.peak.toFixed(1)), claims_per_s: Math.round(claims / seconds), rows: copied, ...(against && { against }) });
    say(`          ${claims} claims in ${seconds.toFixed(1)} s: ${Math.round(claims / seconds)} claims/s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s, ${Math.round(copied / seconds)} rows/s; COPY of the same rows ${Math.round(copied / copy_seconds)} rows/s`);
  } finally { database.drop(); }
}

/** The scripts that a first visit fetches (those that index.html names), compressed. */
function first_load() {
  const html = fs.readFileSync(path.join(VAR, 'web/index.html'), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, at]) => at);
  const bytes = scripts.reduce((sum, at) => sum + fs.statSync(path.join(VAR, 'web', `${at}.gz`)).size, 0);
  record({ name: 'initial JavaScript, gzip', bytes, requests_per_s: null, limit_per_s: null, ratio: Number((bytes / 60000).toFixed(2)), p50_ms: null, p99_ms: null, cpu_us: null });
  hold(`initial JavaScript ${(bytes / 1000).toFixed(1)} kB gzip (at most 60)`, scripts.length > 0 && bytes <= 60000);
}

/** Lighthouse, the median of three runs, mobile and desktop, of the pages that need no log-in. */
function lighthouse() {
  const folder = path.join(root, 'web/tools/lighthouse');
  if (!fs.existsSync(path.join(folder, 'node_modules'))) {
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder, env: { ...process.env, PUPPETEER_SKIP_DOWNLOAD: '1' }, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const run = spawnSync(process.execPath, ['lighthouse.mjs', ours.demo.base_url], { cwd: folder, encoding: 'utf8' });
  const lines = [...run.stdout.matchAll(/^(\/\S*) (mobile|desktop) (\d+)\/(\d+)\/(\d+)\/(\d+) /gm)];
  if (lines.length === 0) hold(`Lighthouse: ${run.stderr.trim().split('\n').at(-1)}`, false);
  for (const [, at, form, ...numbers] of lines) {
    const [performance, accessibility, best_practices, seo] = numbers.map(Number);
    record({ name: `Lighthouse ${at} ${form}`, scores: { performance, accessibility, best_practices, seo }, requests_per_s: null, limit_per_s: null, ratio: null, p50_ms: null, p99_ms: null, cpu_us: null });
    hold(`Lighthouse ${at} ${form}: performance ${performance}, accessibility ${accessibility}, best practices ${best_practices}, SEO ${seo} (at least 98 each)`, Math.min(performance, accessibility, best_practices, seo) >= 98);
  }
}

// ---------------------------------------------------------------- the run

function table() {
  const columns = [['name', 34], ['a_per_s', 9], ['b_per_s', 9], ['requests_per_s', 14], ['limit_per_s', 11], ['ratio', 6], ['p50_ms', 8], ['p99_ms', 8], ...(theirs ? [['against', 8]] : [])];
  const show = (value, width, left) => (left ? String(value ?? '').padEnd(width) : String(value ?? '-').padStart(width));
  say('\n' + columns.map(([name, width], at) => show(name, width, at === 0)).join(' ') + '   CPU us: nginx worker postgres');
  for (const row of rows) say(columns.map(([name, width], at) => show(/_ms$/.test(name) ? row[name]?.toFixed(2) : name === 'against' ? row.against?.factor : row[name], width, at === 0)).join(' ') +
    (row.cpu_us ? `   ${String(row.cpu_us.nginx).padStart(13)} ${String(row.cpu_us.worker).padStart(6)} ${String(row.cpu_us.postgres).padStart(8)}` : ''));
}

try {
  say(`Measuring ${ours.demo.base_url} (${VAR}), ${CONNECTIONS} kept connections over TLS, ${os.cpus().length} cores, load average ${os.loadavg()[0].toFixed(1)}\n`);
  if (process.env.BENCH_AGAINST) {
    theirs = start_against(process.env.BENCH_AGAINST);
    for (const instance of [ours, theirs.instance]) { instance.as_superuser('VACUUM ANALYZE'); instance.as_superuser('CHECKPOINT'); }
    theirs_looks_up = await theirs.instance.subjects();
  }
  ours_looks_up = await ours.subjects();
  const { cookie, headers, account, claim_ids, persons, claim: claims } = ours_looks_up;
  const secret = cookie.split('=').slice(1).join('=');
  const hash = createHash('sha256').update(/^[0-9a-f]{64}$/.test(secret) ? Buffer.from(secret) : secret).digest();
  const values = { hash: `\\x${hash.toString('hex')}`, account };
  const [least_claim, least_session] = least_against();
  await endpoint('claim', 'one claim', claim_ids, values, 400, least_claim);
  await endpoint('eligibility', 'eligibility', persons.map(({ mbi }) => mbi), values, 400, least_claim);
  await endpoint('session', 'the session', ['-'], values, 200, least_session);
  if (wanted('burst')) await burst();
  if (wanted('reload')) await reload_under_load(claims, headers);
  if (wanted('log_ins')) await wrong_log_ins(claims, headers);
  if (wanted('web')) {
    first_load();
    lighthouse();
  }
  if (wanted('load')) await load_835();
} finally {
  table();
  fs.writeFileSync(path.join(VAR, 'bench.json'), JSON.stringify(rows, null, 2) + '\n');
  fs.rmSync(scratch, { recursive: true, force: true });
  ours.agent.destroy();
  theirs?.instance.agent.destroy();
  theirs?.stop();
  // The limits are restored.
  if (was_running) run_instance({}); else execFileSync(path.join(root, 'scripts/stop'), { stdio: 'inherit' });
}
say(`\nWritten to ${path.join(VAR, 'bench.json')}. ${faults.length ? `Targets missed: ${faults.length}.` : 'Every target was met.'}`);
process.exit(faults.length ? 1 : 0);
