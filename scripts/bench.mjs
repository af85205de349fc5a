// Measures a running instance and prints a table; the same goes to VAR/bench.json.
//
//   make bench [VAR=var] [PORT=8443]     starts the instance when it does not run
//   BENCH_SECONDS=8                      length of each measurement; an endpoint takes several rounds of half of it
//   BENCH_835_MB=1024                    size of the 835 file of the load measurement; 0 leaves it out
//   BENCH_ONLY=claim,load                only these: claim eligibility session burst reload log_ins web load
//
// Ratios are of one run: `limit` is the serial limit 1/(1/a + 1/b), where a is pgbench running the same statements
// prepared and pipelined, and b is nginx serving a static file of the same size over TLS. CPU is what each tier used.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const VAR = fs.existsSync(path.resolve(root, process.env.VAR ?? 'var')) ? fs.realpathSync(path.resolve(root, process.env.VAR ?? 'var')) : path.resolve(root, process.env.VAR ?? 'var');
const only = process.env.BENCH_ONLY?.split(',');
const wanted = (name) => !only || only.includes(name);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const ROUNDS = 3;
const ROUND_SECONDS = Math.max(2, Math.round(SECONDS / 2));
const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const CONNECTIONS = 64;
const say = (...words) => console.log(...words);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'connex-bench-'));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// ---------------------------------------------------------------- the instance, with the limits by address raised

const was_running = fs.existsSync(path.join(VAR, 'run/nginx.pid')) && spawnSync(path.join(root, 'scripts/health'), { env: process.env }).status === 0;
const raised = { LOG_IN_RATE: '10000r/s', LOG_IN_BURST: '10000', CONNECTIONS_PER_ADDRESS: '4096', CONNEX_RATE_PER_MINUTE: '1000000', CONNEX_RATE_BURST: '100000' };
const run_instance = (settings) => execFileSync(path.join(root, 'scripts/run'), { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'inherit'] });
run_instance(raised);
const demo = JSON.parse(fs.readFileSync(path.join(VAR, 'demo.json'), 'utf8'));
const ca = fs.readFileSync(demo.ca_file);
const base = new URL(demo.base_url);
const socket_db = `host=${demo.pg.host} port=${demo.pg.port} dbname=${demo.pg.dbname}`;

const agent = new https.Agent({ keepAlive: true, maxSockets: 256, ca });
/** One request; resolves to {status, headers, body}. */
const ask = (method, at, { cookie, body } = {}) => new Promise((done, fail) => {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = https.request({ agent, host: base.hostname, port: base.port, method, path: at, headers: {
    accept: 'application/json', ...(cookie && { cookie }), ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...(method !== 'GET' && { origin: demo.base_url }) } }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => { const whole = Buffer.concat(parts).toString(); let json; try { json = JSON.parse(whole); } catch { json = undefined; } done({ status: answer.statusCode, headers: answer.headers, text: whole, json }); });
  });
  request.on('error', fail);
  request.end(text);
});

const as_superuser = (sql) => execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', `${socket_db} user=postgres`, '-c', sql], { encoding: 'utf8' }).trim();

/** Logs a demonstration user in, with the day's code from the mailbox when it is asked for; gives the cookie. */
async function log_in(user) {
  // FGT-03 counts the codes of an hour: of a measurement that is repeated, the former ones are forgotten.
  as_superuser(`DELETE FROM connex.mailed_code_count USING connex.user_account u WHERE u.user_account_id = mailed_code_count.user_account_id AND u.user_id = '${user.user_id}'`);
  const since = Date.now() - 2000;
  const first = await ask('POST', '/api/v1/session', { body: { user_id: user.user_id, password: user.password } });
  if (first.status !== 200) throw new Error(`log in of ${user.user_id}: ${first.status} ${first.text}`);
  const cookie = first.headers['set-cookie'][0].split(';')[0];
  if (first.json.next === 'security_code') {
    const sent = await ask('POST', '/api/v1/session/security-code', { cookie, body: { method: 'email' } });
    if (sent.status >= 300) throw new Error(`security code: ${sent.status} ${sent.text}`);
    let code;
    for (let i = 0; i < 100 && !code; i++) {
      const mails = await (await fetch(`${demo.mailbox_url}/email`)).json();
      const mail = mails.filter((m) => m.to?.some((to) => to.address.toLowerCase() === user.email.toLowerCase()) && Date.parse(m.time) >= since).at(-1);
      code = /\b(\d{6})\b/.exec(mail?.text ?? '')?.[1];
      if (!code) await sleep(100);
    }
    const verified = await ask('POST', '/api/v1/session/security-code-verification', { cookie, body: { code } });
    if (verified.status >= 300) throw new Error(`security code: ${verified.status} ${verified.text}`);
    return verified.headers['set-cookie']?.[0].split(';')[0] ?? cookie;
  }
  return cookie;
}

// ---------------------------------------------------------------- processes and their CPU

const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const cpu_of = (pid) => { try { const f = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' '); return (Number(f[11]) + Number(f[12])) / ticks; } catch { return 0; } };
const children = (pid) => { try { return fs.readdirSync(`/proc/${pid}/task`).flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(/\s+/).filter(Boolean)); } catch { return []; } };
const family = (pid) => (pid ? [pid, ...children(pid).flatMap(family)] : []);
const pid_file = (name) => { try { return fs.readFileSync(path.join(VAR, name), 'utf8').split('\n')[0].trim(); } catch { return undefined; } };
const tiers = { nginx: () => family(pid_file('run/nginx.pid')), worker: () => family(pid_file('run/connex-fcgi.pid')), postgres: () => family(pid_file('pg/postmaster.pid')) };
const cpu_now = () => Object.fromEntries(Object.entries(tiers).map(([tier, pids]) => [tier, pids().reduce((sum, pid) => sum + cpu_of(pid), 0)]));
const worker_memory_mb = () => tiers.worker().reduce((sum, pid) => { try { return sum + Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024; } catch { return sum; } }, 0);

// ---------------------------------------------------------------- load generators

const to_ms = (text) => { const [, number, unit] = /([\d.]+)(us|ms|s|m)/.exec(text); return Number(number) * { us: 0.001, ms: 1, s: 1000, m: 60000 }[unit]; };
/** wrk over kept TLS connections; CPU per request and tier with it. */
function wrk(requests, { connections = CONNECTIONS, seconds = SECONDS, headers = {} } = {}) {
  return new Promise((done, fail) => {
    const script = path.join(scratch, `wrk-${Math.random().toString(36).slice(2)}.lua`);
    const quote = (text) => JSON.stringify(String(text)).replace(/\\u([0-9a-f]{4})/gi, '\\u{$1}');
    // Every request is made once, before the clock runs; then they go round and round.
    fs.writeFileSync(script, [...Object.entries({ ...headers, ...(requests.some((one) => one.body) && { 'Content-Type': 'application/json', Origin: demo.base_url }) })
      .map(([name, value]) => `wrk.headers[${quote(name)}] = ${quote(value)}`),
    'local all, at = {}, 0', 'function init()',
    ...requests.map(({ method = 'GET', path: where, body }) => `  all[#all + 1] = wrk.format(${quote(method)}, ${quote(where)}, nil, ${body ? quote(JSON.stringify(body)) : 'nil'})`),
    'end', 'function request() at = at % #all + 1; return all[at] end', ''].join('\n'));
    const before = cpu_now();
    const child = spawn('wrk', ['-t2', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s', '-s', script, demo.base_url], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (part) => { text += part; });
    child.on('error', fail);
    child.on('close', () => {
      const after = cpu_now(), requests = Number(/(\d+) requests in/.exec(text)?.[1] ?? 0);
      const errors = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
      const socket_errors = (/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? []).reduce((sum, n) => sum + Number(n), 0);
      if (!requests) return fail(new Error(`wrk: ${text}`));
      done({ requests, errors, socket_errors, requests_per_s: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]), p50_ms: to_ms(/^\s+50%\s+(\S+)/m.exec(text)[1]), p99_ms: to_ms(/^\s+99%\s+(\S+)/m.exec(text)[1]),
        cpu_us: Object.fromEntries(Object.keys(after).map((tier) => [tier, Math.round(((after[tier] - before[tier]) * 1e6) / requests)])) });
    });
  });
}

/** A named statement's text, as scripts/embed-sql takes it out of sql/. */
const statement = (name) => {
  const text = fs.readFileSync(path.join(root, 'build/gen/prepare.sql'), 'utf8');
  return new RegExp(`^PREPARE ${name} AS\\n([\\s\\S]*?);?\\n(?=\\\\echo|$(?![\\s\\S]))`, 'm').exec(text)[1].replace(/;\s*$/, '').replace(/\s+/g, ' ');
};
/** A value as SQL; one for each subject is chosen by pgbench's variable, so that a connection plans a statement once, as ours do. */
const literal = (value) => {
  if (value === null) return 'NULL';
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'`;
  if (Array.isArray(value)) return `(CAST(${literal(`{${value.map((one) => `"${String(one).replace(/["\\]/g, '\\$&')}"`).join(',')}}`)} AS text[]))[:subject]`;
  return `'${String(value).replace(/'/g, "''")}'`;
};
const filled = (name, values) => statement(name).replace(/\$(\d+)/g, (_, at) => literal(values[Number(at) - 1]));
const PGBENCH = fs.readdirSync('/usr/lib/postgresql').sort().reverse().map((v) => `/usr/lib/postgresql/${v}/bin/pgbench`).find((at) => fs.existsSync(at));
/** Transactions a second, prepared and pipelined, without the first two seconds, in which each connection plans. */
function pgbench(name, subjects, statements, connections) {
  const file = path.join(scratch, `${name.replace(/\W/g, '_')}.pgbench`);
  fs.writeFileSync(file, [`\\set subject random(1, ${subjects})`, '\\startpipeline', ...statements.map((text) => `${text};`), '\\endpipeline', ''].join('\n'));
  const run = spawnSync(PGBENCH, ['-n', '-M', 'prepared', '-P', '1', '-c', String(connections), '-j', '2', '-T', String(ROUND_SECONDS + 2), '-f', file, `${socket_db} user=connex_app`], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const seconds = [...run.stderr.matchAll(/^progress: .* s, ([\d.]+) tps/gm)].map(([, tps]) => Number(tps)).slice(2);
  if (!seconds.length || /aborted|ERROR/.test(run.stderr)) throw new Error(`pgbench ${name}: ${run.stderr.split('\n').filter((line) => /ERROR|aborted/.test(line)).slice(0, 3).join(' ')}`);
  return mean(seconds);
}

// ---------------------------------------------------------------- measurements

const rows = [];
const record = (row) => { rows.push(row); return row; };
const faults = [];
const hold = (words, held) => { say(`  ${held ? 'held  ' : 'MISSED'}  ${words}`); if (!held) faults.push(words); };

/** One endpoint, over many different subjects, against its serial limit. */
async function endpoint(name, least, headers, subjects, statements) {
  const sizes = [];
  for (const { method = 'GET', path: at, body } of subjects) {
    const sample = await ask(method, at, { cookie: headers.Cookie, body });
    if (sample.status !== 200) throw new Error(`${name}: ${sample.status} ${sample.text.slice(0, 300)}`);
    sizes.push(Buffer.byteLength(sample.text));
  }
  const size = Math.round(sizes.reduce((sum, one) => sum + one, 0) / sizes.length);
  const file = path.join(VAR, 'web', `bench-${size}.json`);
  fs.writeFileSync(file, 'x'.repeat(size));
  fs.chmodSync(file, 0o644);
  try {
    // In turns, several times round: a noisy machine is then noisy for all of them alike.
    const a_of = { 8: [], 16: [], 32: [] }, b_runs = [], runs = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [connections, found] of Object.entries(a_of)) found.push(pgbench(name, subjects.length, statements, connections));
      b_runs.push(await wrk([{ path: `/bench-${size}.json` }], { seconds: ROUND_SECONDS }));
      await wrk(subjects, { headers, seconds: 2 }); // each connection of the workers plans its statements once
      runs.push(await wrk(subjects, { headers, seconds: ROUND_SECONDS }));
    }
    const a = Math.max(...Object.values(a_of).map(mean)), b = mean(b_runs.map((run) => run.requests_per_s)), ours = mean(runs.map((run) => run.requests_per_s));
    const limit = 1 / (1 / a + 1 / b), ratio = ours / limit;
    const errors = [...runs, ...b_runs].reduce((sum, run) => sum + run.errors + run.socket_errors, 0);
    record({ name, subjects: subjects.length, bytes: size, a_per_s: Math.round(a), b_per_s: Math.round(b), requests_per_s: Math.round(ours), limit_per_s: Math.round(limit), ratio: Number(ratio.toFixed(2)),
      p50_ms: mean(runs.map((run) => run.p50_ms)), p99_ms: Math.max(...runs.map((run) => run.p99_ms)), errors,
      cpu_us: Object.fromEntries(Object.keys(tiers).map((tier) => [tier, Math.round(mean(runs.map((run) => run.cpu_us[tier])))])) });
    hold(`${name}: ${ratio.toFixed(2)} of the serial limit (at least ${least})`, ratio >= least);
    hold(`${name}: every answer 2xx`, errors === 0);
  } finally { fs.unlinkSync(file); }
}

/** 40 requests of 200 ms at once, on 8 threads behind an nginx with kept connections: kept ones may starve no one. */
async function burst() {
  execFileSync('make', ['-s', '--no-print-directory', '-C', root, 'benches'], { env: { ...process.env, MAKEFLAGS: '', VAR: '' }, stdio: ['ignore', 'ignore', 'inherit'] });
  const port = Number(base.port) + 7;
  const at = { RUN: scratch, LOG: scratch, TEMP: path.join(scratch, 'temp'), TLS: path.join(VAR, 'tls'), WEB: scratch, SERVER_NAME: 'localhost 127.0.0.1', LISTEN: `    listen 127.0.0.1:${port} ssl http2;`, USER_LINE: process.getuid() === 0 ? 'user root;' : '' };
  const conf = path.join(scratch, 'nginx');
  fs.mkdirSync(at.TEMP, { recursive: true });
  execFileSync(path.join(root, 'scripts/render-nginx'), [conf], { env: { ...process.env, ...raised, ...at } });
  const worker = spawn(path.join(root, 'build/release/tests/bench/slow_worker'), [path.join(scratch, 'connex.sock'), '2', '4'], { stdio: 'ignore' });
  const nginx = spawn('/usr/sbin/nginx', ['-p', conf, '-c', path.join(conf, 'nginx.conf'), '-e', path.join(scratch, 'error.log'), '-g', 'daemon off;'], { stdio: 'ignore' });
  try {
    await sleep(1000);
    const own = new https.Agent({ keepAlive: true, maxSockets: 64, ca });
    const one = () => new Promise((done) => {
      const began = process.hrtime.bigint();
      const request = https.get({ agent: own, host: '127.0.0.1', servername: 'localhost', port, path: '/api/v1/session' }, (answer) => { answer.resume(); answer.on('end', () => done({ status: answer.statusCode, ms: Number(process.hrtime.bigint() - began) / 1e6 })); });
      request.on('error', () => done({ status: 0, ms: 0 }));
    });
    for (let round = 0; round < 3; round++) { // from the second round on the connections are kept ones
      const answers = await Promise.all(Array.from({ length: 40 }, one));
      const slowest = Math.max(...answers.map((answer) => answer.ms)), good = answers.filter((answer) => answer.status === 200).length;
      if (round === 2) record({ name: 'burst of 40 requests of 200 ms', requests_per_s: Math.round(40000 / slowest), limit_per_s: 40, ratio: Number((1000 / slowest).toFixed(2)), p50_ms: answers.map((answer) => answer.ms).sort((x, y) => x - y)[20], p99_ms: slowest, cpu_us: null });
      hold(`burst ${round + 1}: ${good} of 40 answered 200, the slowest after ${Math.round(slowest)} ms (under 1200)`, good === 40 && slowest < 1200);
    }
    own.destroy();
  } finally { nginx.kill('SIGTERM'); worker.kill('SIGTERM'); await sleep(300); }
}

/** Reloads the workers again and again under load: not one answer may be lost. */
async function reload_under_load(lookups, headers) {
  const seconds = Number(process.env.BENCH_RELOAD_SECONDS ?? 30);
  let reloads = 0, going = true;
  const loop = (async () => { while (going) { await sleep(2000); const pid = pid_file('run/connex-fcgi.pid'); if (pid && going) { process.kill(Number(pid), 'SIGHUP'); reloads++; } } })();
  const ours = await wrk(lookups, { headers, seconds, connections: 32 });
  going = false;
  await loop;
  record({ name: 'reload under load', reloads, requests_per_s: Math.round(ours.requests_per_s), limit_per_s: null, ratio: null, p50_ms: ours.p50_ms, p99_ms: ours.p99_ms, cpu_us: null, errors: ours.errors, socket_errors: ours.socket_errors });
  hold(`${reloads} reloads in ${seconds} s: ${ours.errors + ours.socket_errors} of ${ours.requests} answers lost`, ours.errors + ours.socket_errors === 0);
  await sleep(9000); // the old generations linger for kept connections
}

/** 200 wrong log-ins a second beside lookups: the password hashes may not starve them, nor fill the memory. */
async function wrong_log_ins(lookups, headers) {
  await wrk(lookups, { headers, connections: 8, seconds: 3 });
  const quiet = await wrk(lookups, { headers, connections: 8 });
  let memory = 0, sent = 0;
  const answers = {};
  const began = Date.now();
  const tick = setInterval(() => {
    memory = Math.max(memory, worker_memory_mb());
    const due = Math.floor((Date.now() - began) / 5); // 200 a second
    for (; sent < due; sent++) {
      ask('POST', '/api/v1/session', { body: { user_id: `ZZ${String.fromCharCode(65 + (sent % 26), 65 + (Math.floor(sent / 26) % 26))}${String(sent % 1000).padStart(3, '0')}`, password: 'a wrong password, long enough' } })
        .then((answer) => { answers[answer.status] = (answers[answer.status] ?? 0) + 1; }, () => { answers.lost = (answers.lost ?? 0) + 1; });
    }
  }, 50);
  const loud = await wrk(lookups, { headers, connections: 8 });
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

/** A large 835 into a database of its own; beside it COPY of the same rows, as fast as PostgreSQL takes them. */
async function load_835() {
  const megabytes = Number(process.env.BENCH_835_MB ?? 1024);
  if (!megabytes) return;
  const connex = path.join(VAR, 'bin/connex');
  const admin = `host=${demo.pg.host} port=${demo.pg.port} user=postgres dbname=connex_bench`;
  const psql = (sql, database = 'connex_bench') => execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', `options='-c client_min_messages=warning' host=${demo.pg.host} port=${demo.pg.port} user=postgres dbname=${database}`, '-c', sql], { encoding: 'utf8' }).trim();
  const file = path.join(scratch, 'large.835');
  psql('DROP DATABASE IF EXISTS connex_bench WITH (FORCE)', 'postgres');
  try {
    execFileSync(path.join(root, 'scripts/migrate'), { env: { ...process.env, CONNEX_DB: admin }, stdio: ['ignore', 'ignore', 'inherit'] });
    const owner = admin.replace('user=postgres', 'user=connex_owner'), loader = admin.replace('user=postgres', 'user=connex_loader');
    execFileSync(connex, ['demo', '--claims', '1000', '--seed', '1'], { env: { ...process.env, CONNEX_DB: owner }, stdio: ['ignore', 'ignore', 'inherit'] });
    // A first file tells the bytes of a claim; then one of the size wanted.
    const generate = (claims) => execFileSync(connex, ['demo', '--remittances', file, '--claims', String(claims), '--seed', '1', '--first-serial', '1000000'], { stdio: ['ignore', 'ignore', 'inherit'] });
    generate(2000);
    const each = fs.statSync(file).size / 2000;
    generate(Math.ceil((megabytes * 1e6) / each));
    const bytes = fs.statSync(file).size;
    const before = Number(psql('SELECT count(*) FROM connex.claim'));
    const began = process.hrtime.bigint();
    const load = await watched(connex, ['load', '835', file], { env: { ...process.env, CONNEX_DB: loader }, stdio: ['ignore', 'pipe', 'pipe'] });
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const claims = Number(psql('SELECT count(*) FROM connex.claim')) - before;
    hold(`an 835 of ${Math.round(bytes / 1e6)} MB loads (status ${load.status})`, load.status === 0 || load.status === 2);
    hold(`memory of the load ${load.peak.toFixed(1)} MB (under 64)`, load.peak > 0 && load.peak < 64);
    const tables = ['remittance', 'claim', 'adjudication', 'claim_line', 'adjustment'].filter((table) => psql(`SELECT to_regclass('connex.${table}') IS NOT NULL`) === 't');
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
      cpu_us: null, memory_mb: Number(load.peak.toFixed(1)), claims_per_s: Math.round(claims / seconds), rows: copied });
    say(`          ${claims} claims in ${seconds.toFixed(1)} s: ${Math.round(claims / seconds)} claims/s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s, ${Math.round(copied / seconds)} rows/s; COPY of the same rows ${Math.round(copied / copy_seconds)} rows/s`);
  } finally { psql('DROP DATABASE IF EXISTS connex_bench WITH (FORCE)', 'postgres'); }
}

/** What a first visit fetches: the scripts that index.html names, as they go over the wire. */
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
  const run = spawnSync(process.execPath, ['lighthouse.mjs', demo.base_url], { cwd: folder, encoding: 'utf8' });
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
  const columns = [['name', 34], ['a_per_s', 9], ['b_per_s', 9], ['requests_per_s', 14], ['limit_per_s', 11], ['ratio', 6], ['p50_ms', 8], ['p99_ms', 8]];
  const show = (value, width, left) => (left ? String(value ?? '').padEnd(width) : String(value ?? '-').padStart(width));
  say('\n' + columns.map(([name, width], at) => show(name, width, at === 0)).join(' ') + '   CPU us: nginx worker postgres');
  for (const row of rows) say(columns.map(([name, width], at) => show(typeof row[name] === 'number' && /_ms$/.test(name) ? row[name].toFixed(2) : row[name], width, at === 0)).join(' ') +
    (row.cpu_us ? `   ${String(row.cpu_us.nginx).padStart(13)} ${String(row.cpu_us.worker).padStart(6)} ${String(row.cpu_us.postgres).padStart(8)}` : ''));
}

try {
  say(`Measuring ${demo.base_url} (${VAR}), ${CONNECTIONS} kept connections over TLS, ${os.cpus().length} cores, load average ${os.loadavg()[0].toFixed(1)}\n`);
  const user = demo.users.find((one) => one.role === 'office' && !/locked|suspended|step|new/i.test(one.words ?? '')) ?? demo.users.find((one) => one.role === 'lso');
  const cookie = await log_in(user);
  const secret = cookie.split('=').slice(1).join('=');
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update(/^[0-9a-f]{64}$/.test(secret) ? Buffer.from(secret) : secret).digest();
  const headers = { Cookie: cookie };
  const accounts = (await ask('GET', '/api/v1/provider-accounts', { cookie })).json.items;
  const account = accounts.find((one) => one.functions?.includes('claims') && one.functions?.includes('eligibility')) ?? accounts[0];
  const pa = account.provider_account_id;
  const search = await ask('POST', `/api/v1/provider-accounts/${pa}/claim-searches`, { cookie, body: { limit: 50 } });
  if (search.status !== 200) throw new Error(`claim search: ${search.status} ${search.text}`);
  const enter = (right, account_id) => filled('gate_enter', [hash, 'session', right, account_id, '0123456789abcdef0123456789abcdef', '127.0.0.1']);

  const claim_ids = search.json.items.map(({ claim_id }) => claim_id);
  const claims = claim_ids.map((claim_id) => ({ path: `/api/v1/provider-accounts/${pa}/claims/${claim_id}` }));
  if (wanted('claim')) {
    await endpoint('one claim', 0.7, headers, claims,
      ['BEGIN', enter('claims', pa), 'SET LOCAL ROLE connex_reader', filled('claim_get', [claim_ids]), filled('gate_audit', ['claim_view', 'claim', claim_ids]), 'COMMIT']);
  }
  if (wanted('eligibility')) {
    const persons = JSON.parse(as_superuser(`SELECT json_agg(p) FROM (SELECT m.mbi, b.last_name, b.first_name, b.birth_on
        FROM connex.beneficiary b JOIN connex.beneficiary_mbi m USING (beneficiary_id) WHERE m.ended_on IS NULL ORDER BY b.beneficiary_id LIMIT 50) p`));
    const of = (key) => persons.map((person) => person[key]);
    await endpoint('eligibility', 0.7, headers, persons.map((body) => ({ method: 'POST', path: `/api/v1/provider-accounts/${pa}/eligibility-lookups`, body })),
      ['BEGIN', enter('eligibility', pa), 'SET LOCAL ROLE connex_reader', filled('eligibility_match', [of('mbi'), of('last_name'), of('first_name'), of('birth_on'), null]),
        filled('eligibility_answer', [of('mbi'), null]), filled('gate_audit', ['eligibility_lookup', null, null]), 'COMMIT']);
  }
  if (wanted('session')) await endpoint('the session', 0.6, headers, [{ path: '/api/v1/session' }], ['BEGIN READ ONLY', enter('step', null), filled('session_get', []), 'COMMIT']);
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
  agent.destroy();
  // What was raised for the measurements goes back.
  if (was_running) run_instance({}); else execFileSync(path.join(root, 'scripts/stop'), { stdio: 'inherit' });
}
say(`\nWritten to ${path.join(VAR, 'bench.json')}. ${faults.length ? `${faults.length} targets missed.` : 'Every target was held.'}`);
process.exit(faults.length ? 1 : 0);
