// Upgrades an older version with many claims to this one while people read, as `make run` does it, and proves that no figure
// of a report changes, no request is lost, and nobody waits long.
//
//   make proof-upgrade [VAR=var]
//   UPGRADE_FROM=27c7ada             the commit that it starts from; its tree is kept in VAR/against for the next time
//   UPGRADE_CLAIMS=1000000           how many claims its demonstration has; a million takes 5 GB and ten minutes
//
// wrk reads through nginx all the time. So do a few readers of our own, one request after the other, because wrk does not say
// when something failed. Until they are reloaded, the older workers ask functions that are gone or have changed. What they
// refuse then is printed by itself. Only the kinds of requests marked `meanwhile` may be refused, and for a few seconds: 500,
// or 404 for a request that entered under the old rules and asked under the new ones.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { older_tree } from '../../scripts/older.mjs';
import { Cluster, freePort, pause, root } from '../support/cluster.mjs';

const FROM = process.env.UPGRADE_FROM || '27c7ada';
const CLAIMS = process.env.UPGRADE_CLAIMS || '1000000';
const VAR = realpathSync(process.env.VAR);
const LONGEST_MS = 1000;
const MEANWHILE = [404, 500];
const MEANWHILE_MS = 15000;
const say = (...words) => console.log(...words);
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const faults = [];
const hold = (held, words) => { say(`  ${held ? 'holds ' : 'FAILED'}  ${words}`); if (!held) faults.push(words); };

// ---------------------------------------------------------------- the instance

// Everyone comes from one address here, so the limits by address are raised.
const raised = { LOG_IN_RATE: '1000r/s', LOG_IN_BURST: '1000', LOG_IN_PACE: '1000r/s', CONNECTIONS_PER_ADDRESS: '1024', CONNEX_RATE_PER_MINUTE: '1000000', CONNEX_RATE_BURST: '100000' };
// As scripts/run sets its own cluster up, and the locks that a version with months of claims needs.
const settings = ['fsync=on', 'max_connections=200', 'shared_buffers=256MB', 'effective_cache_size=1GB', 'maintenance_work_mem=128MB', 'wal_compression=on',
  'max_wal_size=2GB', 'checkpoint_timeout=15min', 'random_page_cost=1.1', 'max_locks_per_transaction=512'].map((one) => `-c ${one}`).join(' ');
let cluster, env;

/** Starts scripts/run of a tree on the instance; resolves when it has ended well. `watch` gets its process id. */
function make_run(tree, watch = () => {}) {
  const child = spawn(join(tree, 'scripts/run'), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => { words += part; });
  watch(child);
  return new Promise((done, fail) => child.on('exit', (code) => (code === 0 ? done(words) : fail(new Error(`scripts/run of ${tree}: ${code}\n${words.slice(-3000)}`)))));
}
const of_proc = (at) => { try { return readFileSync(at, 'utf8'); } catch { return ''; } };
const family = (pid) => of_proc(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).flatMap((child) => [child, ...family(child)]);
const migrates = (pid) => family(pid).some((one) => of_proc(`/proc/${one}/cmdline`).includes('scripts/migrate'));

/** This version's `make run`: when its migrate began and ended, and when it was done. */
async function upgrade() {
  const at = { began: Date.now() };
  let watching;
  await make_run(root, (child) => {
    watching = setInterval(() => {
      const now = migrates(child.pid);
      if (now) at.migrate ??= Date.now();
      else if (at.migrate) at.migrated ??= Date.now();
    }, 20);
  }).finally(() => clearInterval(watching));
  at.done = Date.now();
  return at;
}

/** The older version loads a small 835, so that the report on loads has a row. */
function load_file() {
  const connex = join(env.VAR, 'bin/connex'), file = join(VAR, 'proof.835');
  const words = (...of) => spawnSync(connex, of, { env: { ...process.env, CONNEX_DB: cluster.db('connex_loader') }, encoding: 'utf8' });
  words('demo', '--remittances', file, '--claims', '1000', '--seed', '1', '--first-serial', '100000000');
  const done = words('load', '835', file);
  rmSync(file, { force: true });
  if (![0, 2].includes(done.status)) throw new Error(`connex load: ${done.status} ${done.stdout}${done.stderr}`);
}

// ---------------------------------------------------------------- the figures

/** Runs `ask` at the same moment of the clock before and after, because some figures depend on it. Nothing of it stays. */
const moment = new Date().toISOString();
const at_the_moment = (ask) => cluster.sql(`BEGIN; UPDATE connex.clock SET shift = '${moment}' - transaction_timestamp(); ${ask}; ROLLBACK`);
const reports = () => cluster.sql(`SELECT viewname FROM pg_views WHERE schemaname = 'report' ORDER BY 1`).flat();
const rows_of = (view) => at_the_moment(`SELECT to_json(v) FROM report.${view} v`).map(([row]) => JSON.parse(row));
// Too many rows to take out: how many, and a sum of all of their digests.
const MOVED = { claim: 'claim_id, control_no, status, charge, paid, finalized_on', adjudication: 'claim_id, adjudication_no, charge, paid', claim_line: 'claim_id, adjudication_no, line_no, charge, paid',
  claim_adjustment: 'claim_id, adjudication_no, line_no, adjustment_no, group_code, reason_code, amount' };
const total = (table) => cluster.sql(`SELECT count(*), sum(hashtextextended(concat_ws('|', ${MOVED[table]}), 0)) FROM connex.${table}`)[0];

function figures() {
  return { reports: Object.fromEntries(reports().map((view) => [view, rows_of(view)])), tables: Object.fromEntries(Object.keys(MOVED).map((table) => [table, total(table)])) };
}
const columns_of = (rows) => Object.keys(rows[0] ?? {});
const digest = (rows, columns) => createHash('sha256').update(rows.map((row) => JSON.stringify(columns.map((column) => row[column]))).sort().join('\n')).digest('hex').slice(0, 16);

function compare(before, after) {
  say('\nThe figures before and after, of what both versions have:');
  for (const [view, rows] of Object.entries(before.reports)) {
    const now = after.reports[view];
    if (!now) { hold(false, `report.${view} is gone`); continue; }
    const columns = columns_of(rows).filter((column) => columns_of(now).includes(column)).sort();
    const [was, is] = [digest(rows, columns), digest(now, columns)];
    hold(was === is && rows.length > 0, `report.${view}: ${rows.length} and ${now.length} rows of ${columns.length} columns, ${was} and ${is}: ${was === is ? 'same' : 'different'}`);
  }
  for (const [table, was] of Object.entries(before.tables)) hold(`${was}` === `${after.tables[table]}`, `connex.${table}: ${was[0]} and ${after.tables[table][0]} rows: ${`${was}` === `${after.tables[table]}` ? 'same' : 'different'}`);
  say(`  only in this version: ${Object.keys(after.reports).filter((view) => !before.reports[view]).map((view) => `report.${view}`).join(', ') || 'none'}`);
}

// ---------------------------------------------------------------- the readers

/** What is asked: one account's claims, its remittances, and persons, with a session and a token made in the database. */
async function requests() {
  process.env.CONNEX_DEMO = join(env.VAR, 'demo.json');
  const { demo, one, rows } = await import('../support/instance.mjs');
  const { makeSession, makeToken } = await import('../support/people.mjs');
  const user = demo.users.find(({ role, user_id }) => role === 'office' && one(`SELECT EXISTS (SELECT FROM connex.access a JOIN connex.user_account u USING (user_account_id)
    WHERE u.user_id = :'user_id' AND u.status = 'active' AND a.status = 'approved' AND a.functions @> '{claims,eligibility,financials}') AS fits`, { user_id }).fits);
  const { account } = one(`SELECT a.provider_account_id AS account FROM connex.access a JOIN connex.user_account u USING (user_account_id)
    WHERE u.user_id = :'user_id' AND a.status = 'approved' AND a.functions @> '{claims,eligibility,financials}' ORDER BY 1 LIMIT 1`, user);
  const at = `/api/v1/provider-accounts/${account}`;
  const cookie = { cookie: makeSession(user) }, token = { authorization: `Bearer ${makeToken(user, ['claims', 'eligibility', 'financials'])}` };
  const post = (path, body, headers) => ({ method: 'POST', path, headers: { ...headers, origin: demo.base_url, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const claims = rows(`SELECT claim_id::text FROM connex.claim WHERE provider_account_id = :'account'::bigint ORDER BY claim_id LIMIT 50`, { account }).map(({ claim_id }) => `${at}/claims/${claim_id}`);
  const persons = rows(`SELECT m.mbi, b.last_name, b.first_name, b.birth_on FROM connex.beneficiary b JOIN connex.beneficiary_mbi m USING (beneficiary_id) WHERE m.ended_on IS NULL ORDER BY b.beneficiary_id LIMIT 50`);
  const get = (name, path, meanwhile = false) => ({ name, meanwhile, of: [{ method: 'GET', path, headers: cookie }] });
  // Many who do not exist, because each may try only a few times.
  const strangers = Array.from({ length: 900 }, (_, n) => post('/api/v1/session', { user_id: `NOBO${100 + n}`, password: 'Not-the-Pass1' }));
  return {
    base: demo.base_url,
    claim: { name: 'a claim, session', meanwhile: true, of: claims.map((path) => ({ method: 'GET', path, headers: cookie })) },
    claim_token: { name: 'a claim, token', meanwhile: true, of: claims.map((path) => ({ method: 'GET', path, headers: token })) },
    eligibility: { name: 'eligibility', meanwhile: true, of: persons.map((person) => post(`${at}/eligibility-lookups`, person, cookie)) },
    session: get('the session', '/api/v1/session', true),
    others: [
      { name: 'log in', meanwhile: true, expected: 401, of: strangers },
      { name: 'search of claims', of: [post(`${at}/claim-searches`, { limit: 20 }, cookie)] },
      get('remittances', `${at}/remittances`), get('redeterminations', `${at}/redeterminations`), get('provider accounts', '/api/v1/provider-accounts'),
      get('home', '/api/v1/home', true), get('profile', '/api/v1/profile'), get('tokens', '/api/v1/tokens'), get('readiness', '/readyz'),
    ],
  };
}

/** Asks what it is given in turn, one request after the other, and keeps what was not as expected. */
class Reader {
  static all = [];
  constructor(kinds, pause_ms) {
    Object.assign(this, { kinds, pause_ms, over: false });
    for (const kind of kinds) Object.assign(kind, { answered: 0, again: 0, refused: [], longest: { ms: 0 }, expected: kind.expected ?? 200 });
    Reader.all.push(this);
  }
  async run(send) {
    for (let n = 0; !this.over; n++) {
      const kind = this.kinds[n % this.kinds.length];
      await this.ask(send, kind, kind.of[Math.floor(n / this.kinds.length) % kind.of.length]);
      await pause(this.pause_ms);
    }
  }
  async ask(send, kind, { method, path, headers, body }) {
    const began = performance.now(), bytes = body && Buffer.from(body);
    const once = () => send(method, path, { headers: { ...headers, ...(bytes && { 'content-length': bytes.length }) }, bytes });
    let answer = await once();
    // A reloaded nginx closes idle connections. Whoever writes at that moment writes again, as browsers do, until a connection is new.
    while (answer.status === 0 && answer.reused) { kind.again++; answer = await once(); }
    const ms = performance.now() - began;
    if (ms > kind.longest.ms) kind.longest = { ms, at: Date.now() };
    if (answer.status !== 0) kind.answered++;
    if (answer.status !== kind.expected) kind.refused.push({ at: Date.now(), status: answer.status, text: answer.text.slice(0, 200) });
    if (path === '/readyz' && answer.status === 200) {
      const build = answer.body.build ?? 'does not say'; // as old versions
      Reader.build ??= build;
      if (build !== Reader.build) Reader.reloaded ??= Date.now();
    }
  }
}

/** wrk until end() is called, which resolves to what it counted. */
function wrk(base, kinds) {
  const quote = (text) => JSON.stringify(text);
  const script = join(VAR, `proof-${kinds[0].name.replace(/\W/g, '')}.lua`);
  const list = kinds.flatMap(({ of }) => of).map(({ method, path, headers, body }) =>
    `  all[#all + 1] = wrk.format(${quote(method)}, ${quote(path)}, {${Object.entries(headers).map(([name, value]) => `[${quote(name)}] = ${quote(value)}`)}}, ${body ? quote(body) : 'nil'})`);
  writeFileSync(script, ['local all, at = {}, 0', 'counts = {}', 'function init()', ...list, 'end', 'function request() at = at % #all + 1; return all[at] end',
    'function response(status) counts[status] = (counts[status] or 0) + 1 end', 'local threads = {}', 'function setup(thread) threads[#threads + 1] = thread end',
    'function done(s) for _, thread in ipairs(threads) do for status, count in pairs(thread:get("counts")) do print("status", status, count) end end',
    '  print("unanswered", s.errors.connect, s.errors.read, s.errors.write, s.errors.timeout) end', ''].join('\n'));
  const child = spawn('wrk', ['-t1', '-c4', '-d24h', '--latency', '--timeout', '10s', '-s', script, base], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (part) => { text += part; });
  const ended = new Promise((done) => child.on('close', done));
  return { async end() {
    child.kill('SIGINT');
    await ended;
    rmSync(script, { force: true });
    const counts = Object.fromEntries([...text.matchAll(/^status\t(\d+)\t(\d+)/gm)].map(([, status, count]) => [status, Number(count)]));
    return { counts, unanswered: /^unanswered\t(.*)$/m.exec(text)?.[1].split('\t').map(Number) ?? [], longest: /Latency\s+\S+\s+\S+\s+(\S+)/.exec(text)?.[1] };
  } };
}

// ---------------------------------------------------------------- what is told

function grouped(list, key) {
  const groups = new Map();
  for (const one of list) {
    if (!groups.has(key(one))) groups.set(key(one), []);
    groups.get(key(one)).push(one);
  }
  return groups;
}
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
const statuses = (list) => [...grouped(list, ({ status }) => status)].map(([status, of]) => `${of.length} x ${status}`).join(', ');

function tell_readers(at) {
  const kinds = Reader.all.flatMap(({ kinds: of }) => of);
  const when = (time) => (time < at.migrate ? `${seconds(at.migrate - time)} before migrate` : time < at.migrated ? `${seconds(at.migrated - time)} before migrate ended` : `${seconds(time - at.migrated)} after migrate ended`);
  say(`\nRequests of the readers: ${sum(kinds.map(({ answered }) => answered))} answered, ${sum(kinds.map(({ refused }) => refused.length))} not as expected, ${sum(kinds.map(({ again }) => again))} sent again because nginx had closed an idle connection`);
  for (const { name, answered, longest } of kinds) say(`  ${name.padEnd(18)} ${String(answered).padStart(7)} answered, the longest ${String(Math.round(longest.ms)).padStart(4)} ms, ${when(longest.at)}`);
  for (const { name, refused } of kinds.filter(({ refused: of }) => of.length)) {
    say(`  refused meanwhile: ${name}: ${statuses(refused)}, from ${when(refused[0].at)} to ${when(refused.at(-1).at)}, ${seconds(refused.at(-1).at - refused[0].at)} in all`);
  }
  const documented = (kind, { at: time, status }) => kind.meanwhile && MEANWHILE.includes(status) && time >= at.migrate && time <= Math.min(at.done, at.migrated + MEANWHILE_MS);
  const lost = kinds.flatMap((kind) => kind.refused.filter((one) => !documented(kind, one)).map((one) => ({ ...one, name: kind.name })));
  hold(lost.length === 0, `no other request of the readers was lost${lost.length ? `: ${lost.length}, such as ${lost[0].name}: ${lost[0].status} ${lost[0].text}` : ''}`);
  const span = Math.max(0, ...kinds.filter(({ refused }) => refused.length).map(({ refused }) => refused.at(-1).at - refused[0].at));
  hold(span <= MEANWHILE_MS, `nothing was refused for longer than ${seconds(span)} (at most ${seconds(MEANWHILE_MS)})`);
  const slowest = kinds.reduce((one, other) => (one.longest.ms > other.longest.ms ? one : other));
  hold(slowest.longest.ms <= LONGEST_MS, `the longest pause of a reader was ${Math.round(slowest.longest.ms)} ms (at most ${LONGEST_MS}): ${slowest.name}, ${when(slowest.longest.at)}`);
}
function tell_wrk(name, { counts, unanswered, longest }) {
  const not_2xx = Object.entries(counts).filter(([status]) => !status.startsWith('2'));
  const lost = not_2xx.filter(([status]) => !MEANWHILE.includes(Number(status)));
  say(`\nRequests of wrk, ${name}: ${sum(Object.values(counts))} answered, ${sum(not_2xx.map(([, count]) => count))} not 2xx${not_2xx.length ? ` (${not_2xx.map(([status, count]) => `${count} x ${status}`).join(', ')})` : ''}, the longest ${longest}`);
  // A failed read is a connection that nginx closed when it was reloaded; wrk does not say whether it had sent something.
  say(`  connections: ${['connect', 'read', 'write', 'timeout'].map((word, at) => `${unanswered[at]} ${word}`).join(', ')}`);
  hold(counts['200'] > 0 && lost.length === 0 && unanswered[0] === 0 && unanswered[3] === 0, `no other request of wrk was lost (${name})`);
}
/** Why: the statements that failed, as the workers' log has them. */
function tell_log() {
  const lines = readFileSync(join(env.VAR, 'log/connex-fcgi.log'), 'utf8').split('\n').filter((line) => line.includes('"sqlstate"')).map((line) => JSON.parse(line));
  if (lines.length) say('\nWhat the workers wrote about statements that failed:');
  for (const [words, of] of grouped(lines, ({ sqlstate, statement, message }) => `${sqlstate} ${statement}: ${message}`)) say(`  ${of.length} x ${words}`);
}

// ---------------------------------------------------------------- the run

async function read_and_upgrade() {
  const of = await requests();
  const { send, hangUp } = await import('../support/http.mjs');
  const readers = [[[of.claim, of.claim_token], 5], [[of.eligibility], 5], [[of.session], 5], [of.others, 20]].map(([kinds, pause_ms]) => new Reader(kinds, pause_ms));
  const running = readers.map((reader) => reader.run(send));
  const loads = [wrk(of.base, [of.claim, of.session]), wrk(of.base, [of.eligibility])];
  await pause(5000);
  say(`The older version answers; upgrading (load average ${loadavg()[0].toFixed(1)})`);
  const at = await upgrade();
  await pause(5000);
  const [claims, eligibility] = await Promise.all(loads.map((load) => load.end()));
  for (const reader of readers) reader.over = true;
  await Promise.all(running);
  hangUp();
  say(`\nThe migration took ${seconds(at.migrated - at.migrate)}. The first answer of this version's workers came ${seconds((Reader.reloaded ?? at.done) - at.migrated)} after it, and make run was done ${seconds(at.done - at.migrated)} after it.`);
  tell_readers(at);
  tell_wrk('claim and session', claims);
  tell_wrk('eligibility', eligibility);
  tell_log();
}

const began = Date.now();
const { id, tree } = older_tree(root, FROM, join(VAR, 'against'));
try {
  cluster = Cluster.start(tree, { under: VAR, settings });
  env = { ...process.env, ...raised, VAR: join(cluster.home, 'var'), CONNEX_DB: cluster.db('postgres'), PORT: String(await freePort()), DEMO_CLAIMS: CLAIMS };
  say(`From ${id} with ${CLAIMS} claims: building it, and making its demonstration`);
  await make_run(tree);
  load_file();
  cluster.sql('VACUUM ANALYZE');
  const before = figures();
  say(`Made in ${seconds(Date.now() - began)}; the database has ${cluster.one(`SELECT pg_size_pretty(pg_database_size('connex'))`)}`);
  await read_and_upgrade();
  compare(before, figures());
} finally {
  if (env) execFileSync(join(root, 'scripts/stop'), { env, stdio: 'ignore' });
  cluster?.end();
}
say(`\n${faults.length ? `Checks that failed: ${faults.length}.` : 'The upgrade holds.'}`);
process.exit(faults.length ? 1 : 0);
