// Runs the mutants of tests/mutants/*.jsonl; scripts/mutants says how to call it.
//
// A mutant is one JSON object per line:
//   id       its name, used once
//   file     the file it changes; `find` occurs in it exactly once
//   find     the text, on one line
//   replace  what takes its place
//   suite    what must fail, one or a list: build | lint | check-sql | unit:NAME | sql:FILE | api:FILE | contract:FILE |
//            fault:FILE | web:FILE | web:check
//   test     the name of the test that noticed it last (api, fault, contract). It runs alone first; where it does not
//            notice the mutant, or is gone, the whole suite runs. `scripts/mutants --learn` writes it.
//   rule     the rule of the domain that it breaks, if any
//   why      what would go wrong unnoticed
//
// Each of JOBS copies of the tree has an instance of its own with a small demonstration. Its database is re-created from a
// template before each suite that uses it, so nothing that a mutant did reaches the next one. A suite runs unchanged
// first: if that fails, its mutants are errors, not kills. A mutant that does not compile counts only for `build`.
// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const VAR = process.env.VAR || 'var'; // an absolute path, by scripts/mutants
const jobs = Math.max(1, Number(process.env.JOBS || 2));
const folder = 'tests/mutants';
const work = path.join(VAR, 'mutants');
const results_file = path.join(work, 'results.jsonl');
const shortest_limit = 90; // seconds a suite may take before it counts as hung, however short it is unchanged

const read = (name) => fs.readFileSync(name, 'utf8');
const hash = (...parts) => parts.reduce((sum, part) => sum.update(`${part.length}:`).update(part), createHash('sha256')).digest('hex').slice(0, 24);
const fail = (words) => { console.error(`mutants: ${words}`); process.exit(2); };
const seconds_since = (then) => (performance.now() - then) / 1000;
const plural = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

// ---------------------------------------------------------------- the list

const tree_files = () => execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8', maxBuffer: 1 << 26 })
  .split('\0').filter((name) => name && fs.lstatSync(name, { throwIfNoEntry: false })?.isFile());

export function load_mutants() {
  const mutants = [];
  if (!fs.existsSync(folder)) return mutants; // the copy of a mutant has none; without this, lint would end there unnoticed
  for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.jsonl')).sort())
    read(path.join(folder, name)).split('\n').forEach((line, at) => {
      if (!line.trim()) return;
      try {
        mutants.push({ ...JSON.parse(line), place: `${folder}/${name}:${at + 1}` });
      } catch (error) {
        fail(`${folder}/${name}:${at + 1}: ${error.message}`);
      }
    });
  return mutants;
}
const suites_of = (mutant) => (Array.isArray(mutant.suite) ? mutant.suite : [mutant.suite]);
const occurrences = (text, find) => text.split(find).length - 1;
const kinds = ['build', 'lint', 'check-sql', 'unit', 'sql', 'api', 'contract', 'fault', 'web'];
const suite_file = (suite) => {
  const [kind, name] = suite.split(':');
  switch (kind) {
    case 'unit': return `tests/unit/${name}_test.c`;
    case 'sql': case 'api': case 'fault': case 'contract': return `tests/${kind}/${name}`;
    case 'web': return name === 'check' ? null : `web/tests/${name}`;
    default: return null;
  }
};

/** What is wrong with the list itself; each as one line. */
export function faults_of(mutants) {
  const seen = new Set(), found = [];
  for (const mutant of mutants) {
    const say = (words) => found.push(`${mutant.place}: ${mutant.id ?? '?'}: ${words}`);
    for (const member of ['id', 'why', 'file', 'find', 'suite']) if (!mutant[member]) say(`"${member}" is missing`);
    if (typeof mutant.replace !== 'string') say('"replace" is missing');
    if (mutant.find === mutant.replace) say('"replace" is the text that is there already');
    if (seen.has(mutant.id)) say('this id is used twice');
    seen.add(mutant.id);
    if (!fs.existsSync(mutant.file)) say(`${mutant.file} is not there`);
    else {
      const number = occurrences(read(mutant.file), mutant.find);
      if (number !== 1) say(`"find" occurs ${number} times in ${mutant.file}`);
    }
    for (const suite of suites_of(mutant)) {
      if (!kinds.includes(String(suite).split(':')[0])) say(`there is no suite ${suite}`);
      else if (suite_file(suite) && !fs.existsSync(suite_file(suite))) say(`${suite_file(suite)} is not there`);
    }
  }
  return found;
}

/** Rewrites "file" of the entries whose text has moved to another file and occurs once in the tree. */
function fix(mutants) {
  const texts = tree_files().filter((name) => /^(sql|lib|fcgi|cli|web\/src|nginx|scripts)\//.test(name)).map((name) => [name, read(name)]);
  let rewritten = 0;
  for (const mutant of mutants) {
    if (fs.existsSync(mutant.file) && occurrences(read(mutant.file), mutant.find) === 1) continue;
    const homes = texts.filter(([, text]) => text.includes(mutant.find));
    if (homes.length !== 1 || occurrences(homes[0][1], mutant.find) !== 1) continue;
    const list = mutant.place.replace(/:\d+$/, '');
    fs.writeFileSync(list, read(list).split('\n').map((line) => (line.includes(`"id":${JSON.stringify(mutant.id)},`)
      ? line.replace(`"file":${JSON.stringify(mutant.file)}`, `"file":${JSON.stringify(homes[0][0])}`) : line)).join('\n'));
    console.log(`${mutant.id}: ${mutant.file} -> ${homes[0][0]}`);
    rewritten++;
  }
  console.log(`${rewritten === 1 ? '1 entry' : `${rewritten} entries`} rewritten`);
}

/** Writes into the list which suite and which test noticed each mutant last, so that they go first. */
function learn(mutants) {
  if (!fs.existsSync(results_file)) fail(`there are no results in ${results_file}`);
  const last = new Map(read(results_file).split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ outcome }) => outcome === 'killed').map((result) => [result.id, result]));
  for (const list of new Set(mutants.map(({ place }) => place.replace(/:\d+$/, ''))))
    fs.writeFileSync(list, read(list).split('\n').map((line) => {
      const { test, ...mutant } = line ? JSON.parse(line) : {};
      const { suite, by } = last.get(mutant.id) ?? {};
      if (!suite || !suites_of(mutant).includes(suite)) return line;
      if (Array.isArray(mutant.suite)) mutant.suite = [suite, ...mutant.suite.filter((other) => other !== suite)];
      const named = by_node(suite) && !/^(timeout|ended with|make migrate:)/.test(by) && !by.includes('/') ? { test: by } : {};
      return JSON.stringify({ ...mutant, ...named });
    }).join('\n'));
}

// ---------------------------------------------------------------- programs that we start

const running = new Set();
let ending = false;
/** Runs a program in a process group of its own. `watch` sees each line and may end it by returning true. */
function run(command, { cwd, env = {}, limit = 900, watch } = {}) {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(command[0], command.slice(1), { cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let text = '', rest = '', timeout = false, stopped = false;
    const end = () => { try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it ended */ } };
    const timer = setTimeout(() => { timeout = true; end(); }, limit * 1000);
    const take = (piece) => {
      if (text.length < 4 << 20) text += piece;
      if (!watch || stopped) return;
      rest += piece;
      for (let at; (at = rest.indexOf('\n')) >= 0; rest = rest.slice(at + 1))
        if (watch(rest.slice(0, at))) { stopped = true; end(); return; }
    };
    for (const stream of [child.stdout, child.stderr]) { stream.setEncoding('utf8'); stream.on('data', take); }
    child.on('error', (error) => { text += error.message; });
    child.on('close', (status) => {
      clearTimeout(timer);
      running.delete(child);
      if (!ending) resolve({ status: status ?? 128, text, timeout, stopped, seconds: seconds_since(began) });
    });
  });
}
/** Ends what an interrupted suite has left running: everything that names its temporary folder, which is removed too. */
async function sweep(folder_of_tests) {
  const left = () => fs.readdirSync('/proc').filter((name) => {
    try {
      return /^[0-9]+$/.test(name) && fs.readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(`${folder_of_tests}/`);
    } catch {
      return false; // it ended in the meantime
    }
  }).map(Number);
  const tell = (signal) => left().forEach((pid) => { try { process.kill(pid, signal); } catch { /* it ended */ } });
  tell('SIGTERM');
  tell('SIGQUIT'); // PostgreSQL waits for nobody then
  for (let wait = 0; wait < 40 && left().length; wait++) await new Promise((done) => setTimeout(done, 50));
  tell('SIGKILL');
  // A disk that a test filled, and that it could not take away when it was ended.
  for (const line of fs.readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, target] = line.split(' ');
    if (target?.startsWith(`${folder_of_tests}/`)) spawnSync('umount', [target]);
  }
  fs.rmSync(folder_of_tests, { recursive: true, force: true });
}
const tail = (text, lines = 12) => text.trimEnd().split('\n').slice(-lines).join('\n');

async function free_port() {
  const free = (port) => new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 3000) * 3;
    if (await free(port) && await free(port + 1) && await free(port + 2)) return port;
  }
}

// ---------------------------------------------------------------- one copy of the tree

const by_node = (suite) => /^(api|fault|contract):/.test(suite);
const of_instance = (suite) => /^(sql|api|fault|check-sql)/.test(suite);
const is_compiled = (file) => /^(lib|fcgi|cli)\/|^sql\/[^/]+\.sql$|^scripts\/(embed-sql|contract)/.test(file);

/** The folders that have npm packages of their own. */
const packages_of = (files) => files.filter((name) => path.basename(name) === 'package-lock.json').map(path.dirname);

class Copy {
  constructor(number) {
    this.number = number;
    this.root = path.join(work, String(number), 'tree');
    this.var = path.join(work, String(number), 'var');
    this.tmp = path.join(os.tmpdir(), `connex-mutants-${process.pid}-${number}`); // short: sockets are made in it
    this.env = { VAR: this.var, MAKEFLAGS: '', HISTORY_OF: root };
  }
  at(name) { return path.join(this.root, name); }

  /** Makes the copy equal to the tree. Times of files are kept, so what was built from them is still valid. */
  sync(files) {
    const wanted = new Set(files.filter((name) => !name.startsWith(`${folder}/`)));
    fs.mkdirSync(this.root, { recursive: true });
    if (!fs.existsSync(this.at('.git'))) execFileSync('git', ['init', '-q', this.root]); // lint asks git which files there are
    const listing = execFileSync('git', ['ls-files', '-z', '--others', '--exclude-standard'], { cwd: this.root, encoding: 'utf8', maxBuffer: 1 << 26 });
    for (const name of listing.split('\0')) if (name && !wanted.has(name)) fs.rmSync(this.at(name), { force: true });
    const fresh = !fs.existsSync(this.at('Makefile'));
    for (const name of wanted) {
      const to = this.at(name), bytes = fs.readFileSync(name), stat = fs.statSync(name);
      if (fs.existsSync(to) && bytes.equals(fs.readFileSync(to))) continue;
      fs.mkdirSync(path.dirname(to), { recursive: true });
      fs.writeFileSync(to, bytes);
      fs.chmodSync(to, stat.mode);
      if (fresh) fs.utimesSync(to, stat.atime, stat.mtime);
    }
    if (fresh && fs.existsSync('build/release')) execFileSync('cp', ['-a', 'build', this.at('build')]);
    for (const name of packages_of(files)) {
      const from = path.join(root, name, 'node_modules'), to = this.at(`${name}/node_modules`);
      if (!fs.existsSync(from) || fs.existsSync(to)) continue;
      if (spawnSync('cp', ['-al', from, to], { stdio: 'ignore' }).status !== 0) execFileSync('cp', ['-a', from, to]);
    }
  }

  bash(text, options) { return run(['bash', '-c', `. scripts/common; ${text}`], { cwd: this.root, env: this.env, ...options }); }
  make(...targets) { return run(['make', '--no-print-directory', '-j2', ...targets], { cwd: this.root, env: { ...this.env, VAR: '', BUILD: 'build' } }); }

  /** Starts the instance and keeps its database, as it is now, as the template of all that follow. */
  async start() {
    const running_port = fs.existsSync(path.join(this.var, 'demo.json')) && Number(new URL(JSON.parse(read(path.join(this.var, 'demo.json'))).base_url).port);
    const port = running_port && (await this.bash('pid_of nginx')).status === 0 ? running_port : await free_port();
    // Everyone comes from one address, so the limits by address are out of the way, as in scripts/test.
    Object.assign(this.env, { PORT: String(port), VARIANT: 'release', DEMO_CLAIMS: process.env.TEST_CLAIMS || '1000', LOG_IN_RATE: '1000r/s', LOG_IN_BURST: '1000',
      CONNEX_RATE_PER_MINUTE: '1000000', CONNEX_RATE_BURST: '100000' });
    const started = await run(['scripts/run'], { cwd: this.root, env: this.env });
    if (started.status !== 0) throw new Error(`copy ${this.number} does not start:\n${tail(started.text, 30)}`);
    this.started = true;
    const authorities = path.join(work, String(this.number), 'authorities.crt');
    const machine = process.env.NODE_EXTRA_CA_CERTS;
    fs.writeFileSync(authorities, (machine && fs.existsSync(machine) ? read(machine) : '') + read(path.join(this.var, 'tls/ca.crt')));
    Object.assign(this.env, { CONNEX_VAR: this.var, CONNEX_DEMO: path.join(this.var, 'demo.json'), CONNEX_BIN: path.join(this.var, 'bin'),
      BASE_URL: `https://localhost:${port}`, NODE_EXTRA_CA_CERTS: authorities });
    // Nothing here outlives the run, so nothing has to be on disk.
    const template = await this.bash(`
      psql_on "$(admin_db)" -c 'CREATE EXTENSION IF NOT EXISTS pgtap'
      a=$(admin_db postgres)
      psql_on "$a" -c 'ALTER SYSTEM SET fsync = off' -c 'SELECT pg_reload_conf()' >/dev/null
      psql_on "$a" -c 'DROP DATABASE IF EXISTS connex_template WITH (FORCE)' -c 'ALTER DATABASE connex ALLOW_CONNECTIONS false' \\
        -c "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'connex'" >/dev/null
      sleep 0.3
      psql_on "$a" -c 'CREATE DATABASE connex_template OWNER connex_owner TEMPLATE connex' -c 'ALTER DATABASE connex ALLOW_CONNECTIONS true'`);
    if (template.status !== 0) throw new Error(`copy ${this.number} has no template database:\n${tail(template.text)}`);
  }

  /** The database from the template, with the rules of this copy; for tests over HTTP also the programs. */
  async renew(with_services) {
    const renewed = await this.bash(`
      ${with_services ? 'stop_service connex-jobs & stop_service connex-fcgi; wait' : ''}
      psql_on "$(admin_db postgres)" -c 'DROP DATABASE IF EXISTS connex WITH (FORCE)' \\
        -c 'CREATE DATABASE connex OWNER connex_owner TEMPLATE connex_template STRATEGY FILE_COPY'
      scripts/migrate >/dev/null
      ${with_services ? `
      cp -f build/release/connex-fcgi build/release/connex "$VAR/bin/"
      for service in connex-fcgi connex-jobs; do
        program=$VAR/bin/connex-fcgi more=()
        [ "$service" = connex-fcgi ] || program=$VAR/bin/connex more=(jobs)
        start_service "$service" "$(sed '$d' "$VAR/secret/environment.$service")" "$program" \${more[@]+"\${more[@]}"}
      done
      wait_for 30 ready
      ! mailbox_ready || curl -fsS -m 5 -X DELETE "$mailbox_url/email/all" -o /dev/null` : ''}`, { limit: 120 });
    return renewed.status === 0 ? null : tail(renewed.text);
  }

  /** Runs one suite; {error} when it could not, else {failed: by what} or {failed: null}. */
  async suite(suite, { test, limit = 600, mutated = null } = {}) {
    const [kind, name] = suite.split(':');
    if (mutated && is_compiled(mutated)) this.is_built = false;
    if (kind === 'build') {
      const made = await this.make('all');
      const line = made.text.split('\n').find((text) => /error|:\d+:/i.test(text)) ?? tail(made.text, 1);
      return { failed: made.status === 0 ? null : line.trim() };
    }
    if (kind === 'unit') {
      const made = await this.make(`build/release/tests/unit/${name}_test`);
      if (made.status !== 0) return { error: `it does not compile:\n${tail(made.text)}` };
    } else if (mutated && is_compiled(mutated)) {
      const made = await this.make('all');
      if (made.status !== 0) return { error: `it does not compile:\n${tail(made.text)}` };
    } else if (of_instance(kind) && kind !== 'sql' && !this.is_built) {
      const made = await this.make('all'); // what the previous mutant left behind is rebuilt
      if (made.status !== 0) return { error: `the tree does not compile:\n${tail(made.text)}` };
      this.is_built = true;
    }
    if (of_instance(kind)) {
      const trouble = await this.renew(kind === 'api' || kind === 'fault');
      if (kind !== 'sql' && (mutated?.startsWith('nginx/') || this.nginx_changed)) { // nginx reads its configuration again
        this.nginx_changed = mutated?.startsWith('nginx/');
        const run_again = await run(['scripts/run'], { cwd: this.root, env: this.env });
        if (run_again.status !== 0) return { error: `nginx does not start:\n${tail(run_again.text, 10)}` };
      }
      // Rules that the database refuses are noticed by everyone who migrates.
      if (trouble) return mutated?.startsWith('sql/') || mutated === 'scripts/migrate' ? { failed: `make migrate: ${trouble.split('\n').find((line) => /ERROR|error/.test(line)) ?? tail(trouble, 1)}` } : { error: trouble };
    }
    return this.judge(kind, name, test, limit);
  }

  async judge(kind, name, test, limit) {
    let first = null;
    const tap = (line) => {
      const found = /^\s*not ok \d+ (?:- )?(.*)$/.exec(line);
      if (!found || /# SKIP\b/.test(line)) return false;
      first = found[1].replace(/\\([#\\])/g, '$1').trim();
      return true;
    };
    const node = (file) => ['node', '--test', '--test-force-exit', '--test-concurrency=1', '--test-reporter=tap',
      ...(test ? [`--test-name-pattern=^${test.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`] : []), file];
    const command = {
      lint: () => ['scripts/lint'],
      'check-sql': () => ['scripts/check-sql'],
      unit: () => [`build/release/tests/unit/${name}_test`],
      sql: () => ['bash', '-c', `. scripts/common; psql -XqAt -v ON_ERROR_STOP=1 -v ON_ERROR_ROLLBACK=on -P pager=off -d "$(admin_db)" -f tests/sql/${name}`],
      api: () => node(`tests/api/${name}`), fault: () => node(`tests/fault/${name}`), contract: () => node(`tests/contract/${name}`),
      web: () => (name === 'check' ? ['npm', '--prefix', 'web', 'run', '--silent', 'check']
        : ['bash', '-c', 'cd web && exec npx --no-install vitest run "$@"', 'vitest', `tests/${name}`, '--reporter=tap-flat']),
    }[kind]();
    const watch = {
      lint: (line) => { // the mutant itself is missed by the list of mutants
        if (!first && /^FAILED/.test(line) && !/mutant/.test(line)) first = line;
        return false;
      },
      unit: (line) => { first ??= /:[FE]:/.test(line) ? line.replace(/^.*?:(\d+):[FE]:/, '$1: ') : null; return false; },
      sql: (line) => {
        first ??= /^not ok /.test(line) ? line : /^psql:.*(ERROR|FATAL)/.test(line) ? line : /^# Looks like you planned/.test(line) ? line : null;
        return first !== null;
      },
      api: tap, fault: tap, contract: tap, web: (line) => name !== 'check' && tap(line),
    }[kind];
    fs.mkdirSync(this.tmp, { recursive: true, mode: 0o755 });
    const ran = await run(command, { cwd: this.root, env: { ...this.env, TMPDIR: this.tmp, CK_VERBOSITY: 'normal', CK_DEFAULT_TIMEOUT: '60' }, limit, watch });
    await sweep(this.tmp);
    if (ran.timeout) return { failed: `timeout after ${Math.round(limit)} s`, text: ran.text };
    if (kind === 'unit' && ran.status === 77) return { error: 'the test was skipped', text: ran.text };
    if (kind === 'lint') return { failed: first, text: ran.text };
    if (first !== null) return { failed: first, text: ran.text };
    if (ran.status !== 0) return { failed: `ended with ${ran.status}: ${tail(ran.text, 2).replace(/\n/g, ' ')}`, text: ran.text };
    if (kind === 'sql' && !/^ok /m.test(ran.text)) return { error: 'no test ran', text: ran.text };
    if (by_node(`${kind}:`) && !/^# pass [1-9]/m.test(ran.text)) return { error: 'no test ran', text: ran.text };
    if (kind === 'web' && name !== 'check' && !/^ok \d+ (?!.*# SKIP)/m.test(ran.text)) return { error: 'no test ran', text: ran.text };
    return { failed: null };
  }

  /** The mutant in this copy: {outcome: killed | survived | error, by, suite}. */
  async mutant(mutant, limits) {
    const to = this.at(mutant.file), before = read(to);
    fs.writeFileSync(to, before.split(mutant.find).join(mutant.replace));
    try {
      for (const suite of suites_of(mutant)) {
        const by_test = mutant.test && by_node(suite) && await this.suite(suite, { test: mutant.test, limit: limits(suite), mutated: mutant.file });
        if (by_test?.failed) return { outcome: 'killed', suite, by: by_test.failed, text: by_test.text };
        const { failed, error, text } = await this.suite(suite, { limit: limits(suite), mutated: mutant.file });
        if (error) return { outcome: 'error', suite, by: error };
        if (failed !== null) return { outcome: 'killed', suite, by: failed, text };
      }
      return { outcome: 'survived' };
    } finally {
      fs.writeFileSync(to, before);
      if (is_compiled(mutant.file)) this.is_built = false;
    }
  }
  stop() {
    if (fs.existsSync(this.var)) spawnSync('scripts/stop', { cwd: this.root, env: { ...process.env, ...this.env }, stdio: 'ignore' });
  }
}

// ---------------------------------------------------------------- the run

function arguments_say() {
  const mutants = load_mutants();
  if (process.argv.includes('--fix')) { fix(mutants); process.exit(0); }
  if (process.argv.includes('--learn')) { learn(mutants); process.exit(0); }
  const faults = faults_of(mutants);
  if (process.argv.includes('--where')) {
    faults.forEach((line) => console.log(line));
    console.log(`${plural(mutants.length, 'mutant')}, ${plural(faults.length, 'fault')} in the list`);
    process.exit(faults.length ? 1 : 0);
  }
  if (faults.length) { faults.forEach((line) => console.error(line)); fail(`${plural(faults.length, 'fault')} in the list; scripts/mutants --fix finds what has moved`); }
  const only = process.env.ONLY && new RegExp(process.env.ONLY);
  const chosen = mutants.filter((mutant) => !only || [mutant.id, mutant.file, mutant.rule ?? '', ...suites_of(mutant)].some((word) => only.test(word)));
  if (!chosen.length) fail(`no mutant matches ONLY=${process.env.ONLY}`);
  return chosen;
}
/** The same key: the same mutant of the same file, judged by the same tests. */
const key_of = (mutant) => hash(mutant.file, mutant.find, mutant.replace, read(mutant.file),
  ...suites_of(mutant).slice().sort().map((suite) => `${suite}\0${suite_file(suite) ? read(suite_file(suite)) : ''}`));

/** What a suite's result depends on, as one hash: its own file and all others in its part of the tree that are not suites. */
function tree_of(files) {
  const scopes = { web: /^(web|fcgi\/.*\.yaml)/, unit: /^(lib|fcgi|cli|sql|scripts|tests\/unit|Makefile)/, sql: /^(sql|cli|lib|scripts)/, lint: /^/ };
  const others = /^(lib|fcgi|cli|sql|scripts|nginx|tests\/(api|fault|contract|support)|Makefile)/;
  const suites = /^(tests\/(api|fault|contract)\/.*\.test\.mjs|tests\/unit\/.*_test\.c|web\/tests\/.*|.*\.md)$/, sums = new Map();
  const sum = (name) => sums.get(name) ?? sums.set(name, hash(name, fs.readFileSync(name))).get(name);
  return (suite) => {
    const scope = scopes[suite.split(':')[0]] ?? others, own = suite_file(suite);
    return hash(...files.filter((name) => name === own || (scope.test(name) && !suites.test(name))).map(sum));
  };
}

const typical = { build: 3, lint: 4, 'check-sql': 3, unit: 4, sql: 3, api: 7, contract: 20, fault: 40, web: 4 };

function report(at, of, mutant, { outcome, by, suite, seconds }, known) {
  const words = { killed: 'killed  ', survived: 'SURVIVED', error: 'ERROR   ' }[outcome];
  const what = by ? `  ${suite}: ${by.split('\n')[0].slice(0, 110)}` : '';
  console.log(`[${String(at).padStart(String(of).length)}/${of}] ${words} ${mutant.id}  ${seconds.toFixed(1)} s${known ? ' (before)' : ''}${what}`);
}
function print_in_full(mutant, { outcome, by }) {
  const at = read(mutant.file).split(mutant.find)[0].split('\n').length;
  const line = read(mutant.file).split('\n')[at - 1].trim();
  console.log(`\n${outcome === 'error' ? 'ERROR' : 'SURVIVED'}: ${mutant.id}${mutant.rule ? ` (${mutant.rule})` : ''}: ${mutant.why}
  ${mutant.file}:${at}   suites: ${suites_of(mutant).join(', ')}
  - ${line}
  + ${line.split(mutant.find).join(mutant.replace)}${by ? `\n  ${by.replace(/\n/g, '\n  ')}` : ''}`);
}

const copies = [];
async function end(status) {
  ending = true;
  for (const child of running) { try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it ended */ } }
  for (const copy of copies) await sweep(copy.tmp);
  if (!process.env.KEEP || status === 130) for (const copy of copies) copy.stop();
  fs.rmSync(path.join(work, 'pid'), { force: true });
  process.exit(status);
}

async function main() {
  const mutants = arguments_say();
  fs.mkdirSync(path.join(work, 'output'), { recursive: true }); // what the suites said, by the mutants' ids
  const pid = path.join(work, 'pid');
  if (fs.existsSync(pid) && fs.existsSync(`/proc/${read(pid)}/cmdline`) && read(`/proc/${read(pid)}/cmdline`).includes('mutants')) fail(`another run (process ${read(pid)}) works on ${work}`);
  fs.writeFileSync(pid, String(process.pid));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log('\nStopping; the results so far are kept.'); end(130); });

  const kept = fs.existsSync(results_file) ? read(results_file).split('\n').filter(Boolean).map((line) => JSON.parse(line)) : [];
  const took = new Map(kept.map(({ id, seconds }) => [id, seconds]));
  const known = new Map(process.env.FRESH ? [] : kept.filter(({ outcome }) => outcome === 'killed').map((result) => [result.key, result]));
  const keep = (result) => fs.appendFileSync(results_file, `${JSON.stringify(result)}\n`);
  const keys = new Map(mutants.map((mutant) => [mutant, key_of(mutant)]));
  const to_run = mutants.filter((mutant) => !known.has(keys.get(mutant)));

  const files = tree_files(), tree = tree_of(files);
  const needed = [...new Set(to_run.flatMap(suites_of))].filter((suite) => suite !== 'build');
  const green = new Map(kept.filter(({ baseline, tree: of_tree }) => !process.env.FRESH && baseline && of_tree === tree(baseline)).map(({ baseline, seconds }) => [baseline, seconds]));
  const to_try = needed.filter((suite) => !green.has(suite));
  const guess = (suite) => took.get(`unchanged ${suite}`) ?? typical[suite.split(':')[0]] ?? 10;
  const expected = 40 + (to_try.reduce((sum, suite) => sum + guess(suite), 0)
    + to_run.reduce((sum, mutant) => sum + (took.get(mutant.id) ?? suites_of(mutant).reduce((all, suite) => all + guess(suite), 3)), 0)) / jobs;
  console.log(`${plural(mutants.length, 'mutant')}, of which ${to_run.length} to run${mutants.length - to_run.length ? ` (${mutants.length - to_run.length} killed before, unchanged since)` : ''}, `
    + `with ${plural(to_try.length, 'suite')} to try unchanged first: ${to_run.length ? `about ${Math.ceil(expected / 60)} minutes with ${jobs} at once` : 'nothing to do'}`);

  const began = performance.now(), outcomes = new Map();
  let counted = 0;
  for (const mutant of mutants) {
    const before = known.get(keys.get(mutant));
    if (before) { outcomes.set(mutant, before); counted++; }
  }
  if (to_run.length) {
    // The packages are installed in the tree, as make test does it, and copied from there.
    const kinds_needed = new Set(needed.map((suite) => suite.split(':')[0]));
    for (const name of packages_of(files).filter((folder_of) => folder_of === 'scripts/node' || kinds_needed.has(path.basename(folder_of))
      || (folder_of === 'tests/support' && needed.some(by_node)))) {
      const installed = await run(['bash', '-c', `. scripts/common; npm_packages "$root/${name}"`]);
      if (installed.status !== 0) throw new Error(tail(installed.text));
    }
    for (let number = 1; number <= Math.min(jobs, to_run.length); number++) copies.push(new Copy(number));
    for (const copy of copies) copy.sync(files);
    const with_instance = needed.some(of_instance) || to_run.some((mutant) => suites_of(mutant).some(of_instance));
    await Promise.all(copies.map(async (copy) => {
      const made = await copy.make('all');
      if (made.status !== 0) throw new Error(`the tree does not compile:\n${tail(made.text)}`);
      if (with_instance) await copy.start();
    }));
    console.log(`${copies.length === 1 ? '1 copy' : `${copies.length} copies`} ready in ${Math.round(seconds_since(began))} s`);

    const broken = new Map(), tried = to_try.length;
    const each = async (list, act) => { await Promise.all(copies.map(async (copy) => { for (let item; (item = list.shift()) !== undefined;) await act(copy, item); })); };
    // The longest first, so that no copy waits for another at the end.
    await each(to_try.sort((a, b) => guess(b) - guess(a)), async (copy, suite) => {
      const since = performance.now();
      const { failed, error, text } = await copy.suite(suite);
      const seconds = seconds_since(since);
      if (failed !== null && failed !== undefined || error) {
        broken.set(suite, error ?? failed);
        console.log(`UNCHANGED, ${suite} FAILS: ${error ?? failed}`);
        fs.writeFileSync(path.join(work, 'output', `unchanged-${suite.replace(/\W/g, '-')}.txt`), text ?? '');
      } else {
        green.set(suite, seconds);
        took.set(`unchanged ${suite}`, seconds);
        keep({ id: `unchanged ${suite}`, baseline: suite, tree: tree(suite), seconds });
        console.log(`${' '.repeat(8)}unchanged, ${suite} passes  ${seconds.toFixed(1)} s`);
      }
    });
    console.log(`${plural(tried, 'suite')} tried unchanged, ${broken.size} failed, ${Math.round(seconds_since(began))} s`);

    const limits = (suite) => Math.max(shortest_limit, 8 * (green.get(suite) ?? 0));
    // The quick ones first, so that a hole is seen early; those of one suite follow each other.
    const first = (mutant) => suites_of(mutant)[0];
    const queue = to_run.slice().sort((a, b) => guess(first(a)) - guess(first(b)) || first(a).localeCompare(first(b)));
    await each(queue, async (copy, mutant) => {
      const since = performance.now(), bad = suites_of(mutant).find((suite) => broken.has(suite));
      let result;
      if (bad) result = { outcome: 'error', suite: bad, by: `fails unchanged: ${broken.get(bad)}` };
      else {
        try {
          result = await copy.mutant(mutant, limits);
        } catch (error) {
          result = { outcome: 'error', suite: suites_of(mutant)[0], by: error.stack };
        }
      }
      const { text = '', ...short } = result;
      fs.writeFileSync(path.join(work, 'output', `${mutant.id}.txt`), text);
      result = { id: mutant.id, key: keys.get(mutant), ...short, seconds: seconds_since(since) };
      outcomes.set(mutant, result);
      keep(result);
      report(++counted, mutants.length, mutant, result);
    });
  }

  const of = (outcome) => mutants.filter((mutant) => outcomes.get(mutant).outcome === outcome);
  for (const mutant of [...of('error'), ...of('survived')]) print_in_full(mutant, outcomes.get(mutant));
  const errors = of('error').length, survived = of('survived').length;
  console.log(`\nin ${Math.round(seconds_since(began))} s\n${of('killed').length} killed, ${survived} survived${errors ? `, ${plural(errors, 'error')}` : ''}`);
  await end(errors || survived ? 1 : 0);
}
if (process.argv[1] === fileURLToPath(import.meta.url)) main().catch((error) => { console.error(error.message); end(2); });
