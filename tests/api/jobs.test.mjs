// The jobs daemon, connex letters, and connex admin with a PostgreSQL and a mailbox of their own: each mail and each letter is
// sent exactly once, whatever fails in between, and nobody sees a code on the way.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { Cluster, connex, Mailbox, pause, until } from '../support/cluster.mjs';

let cluster, mailbox, folder;
const daemons = new Set();

before(async () => {
  assert.ok(connex, 'build the programs first: make');
  cluster = Cluster.start();
  mailbox = await Mailbox.start();
  folder = mkdtempSync(join(tmpdir(), 'connex-letters-'));
  cluster.sql(`
    INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business, street, city, state, zip, phone)
      VALUES ('99901', 'Example Contractor', 'JX', 'part_b', 'PO Box 1000', 'Springfield', 'IL', '62701', '1-800-555-0100');
    INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state, billing_street, billing_city, billing_state, billing_zip)
      VALUES ('99901', '1234567893', 'A12345', '123456789', 'Riverbend Family Practice', 'part_b', 'IL', '100 Main Street', 'Springfield', 'IL', '62701'),
             ('99901', '1234567893', 'A12346', '123456789', 'No Address Practice', 'part_b', 'IL', NULL, NULL, NULL, NULL);
    INSERT INTO connex.user_account (user_id, first_name, last_name, job_role, email) VALUES ('ABCD123', 'Ana', 'Mueller', 'billing', 'ana@office.example');
    INSERT INTO connex.access (user_account_id, provider_account_id, status, lso_requested) VALUES (1, 1, 'awaiting_code', true);`);
});
afterEach(async () => {
  for (const daemon of daemons) await daemon.end('SIGKILL');
});
after(() => {
  mailbox?.end();
  cluster?.end();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (role, more = {}) => ({
  ...process.env, CONNEX_DB: cluster.db(role), CONNEX_SMTP_URL: mailbox.url, CONNEX_MAIL_FROM: 'portal@contractor.example',
  CONNEX_BASE_URL: 'https://portal.contractor.example', CONNEX_LOG: '-', ...more });

/** Runs the command until it ends. */
function run(words, { role = 'connex_jobs', input = '', env = {} } = {}) {
  const done = spawnSync(connex, words, { env: environment(role, env), input, encoding: 'utf8', timeout: 60_000 });
  return { status: done.status, out: done.stdout, err: done.stderr, events: events(done.stderr) };
}
const events = (log) => log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
const once = (env) => run(['jobs', '--once'], { env });
/** The same without blocking, for a server in this test, which could not answer during run(). */
const onceBeside = (env) => new Promise((done) => spawn(connex, ['jobs', '--once'], { env: environment('connex_jobs', env), stdio: 'ignore' }).once('close', done));
const admin = (...words) => run(['admin', ...words], { role: 'connex_owner' });

/** A daemon that runs until it is stopped. */
async function daemon(env = {}) {
  const child = spawn(connex, ['jobs'], { env: environment('connex_jobs', env), stdio: ['ignore', 'ignore', 'pipe'] });
  const self = { pid: child.pid, log: '', code: undefined };
  child.stderr.on('data', (text) => { self.log += text; });
  const gone = new Promise((done) => child.once('close', (code, signal) => { self.code = code ?? signal; done(); }));
  self.end = async (signal) => { child.kill(signal); await gone; daemons.delete(self); return self.code; };
  daemons.add(self);
  await until('the daemon', () => self.log.includes('jobs_started') || self.code !== undefined);
  return self;
}

/** Queues a mail and returns its number. */
function queue({ subject, body = 'Good day', to = 'ana@office.example', secret = false, kind = 'test' }) {
  return cluster.one(`INSERT INTO connex.outbox (kind, to_address, subject, body, holds_secret)
    VALUES ('${kind}', '${to}', '${subject}', '${body}', ${secret}) RETURNING outbox_id`);
}
const mail = (id) => {
  const [state, tries, body, error] = cluster.sql(`SELECT state, tries, coalesce(body, '(null)'), coalesce(last_error, '') FROM connex.outbox WHERE outbox_id = ${id}`)[0];
  return { state, tries: Number(tries), body, error };
};
const dueNow = () => cluster.sql(`UPDATE connex.outbox SET next_try_at = clock_timestamp() WHERE state = 'waiting'; UPDATE connex.job SET run_at = clock_timestamp() WHERE state = 'waiting'`);

/** A server that greets as SMTP does and then follows `answer(line, socket)`. */
async function smtpServer(answer) {
  const sockets = new Set();
  const server = createServer((socket) => {
    let data = false;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write('220 test\r\n');
    socket.on('data', async (chunk) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        if (data && line !== '.') continue;
        const reply = await answer(data ? '.' : line.split(' ')[0].toUpperCase(), socket);
        data = !data && line === 'DATA';
        if (reply && !socket.destroyed) socket.write(`${reply}\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  return { url: `smtp://127.0.0.1:${server.address().port}`, end: () => { sockets.forEach((socket) => socket.destroy()); server.close(); } };
}
const usual = (line) => ({ DATA: '354 go on', QUIT: '221 bye' })[line] ?? '250 well';

describe('mail', () => {
  test('goes from the outbox to the mailbox; a mail that holds a code is wiped once it is sent', async () => {
    const code = queue({ subject: 'Your Security Code', body: 'code 481516', secret: true, kind: 'security_code' });
    const plain = queue({ subject: 'Décidé — résumé', body: 'Grüße' });
    const done = once();
    assert.equal(done.status, 0, done.err);
    const [first] = await until('the mail', async () => { const got = await mailbox.with('Your Security Code'); return got.length && got; });
    assert.equal(first.text.trim(), 'code 481516');
    assert.equal(first.headers.from, '"Connex" <portal@contractor.example>');
    assert.match(first.messageId, new RegExp(`^connex\\.${code}\\.\\d+@contractor\\.example$`));
    assert.equal((await mailbox.with('Décidé — résumé'))[0].text.trim(), 'Grüße');
    assert.deepEqual(mail(code), { state: 'sent', tries: 1, body: '(null)', error: '' });
    assert.equal(mail(plain).body, 'Grüße');
    // The log has numbers only: no recipient and no content.
    assert.ok(done.events.some((event) => event.event === 'mail_sent' && event.outbox_id === Number(code)));
    assert.doesNotMatch(done.err, /481516|ana@|Décidé|Grüße/);
  });

  test('wakes the daemon at once', async () => {
    await daemon();
    await pause(1000); // it has looked, found nothing, and waits
    const began = Date.now();
    queue({ subject: 'Wake up' });
    await until('the mail', async () => (await mailbox.with('Wake up')).length === 1, 10);
    assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms: it looks by itself only every 15 s`);
  });

  test('is sent exactly once when three daemons are running', async () => {
    await Promise.all([daemon(), daemon(), daemon()]);
    cluster.sql(`INSERT INTO connex.outbox (kind, to_address, subject, body) SELECT 'test', 'ana@office.example', 'Of sixty', 'number ' || n FROM generate_series(1, 60) n`);
    await until('all mails', () => cluster.one(`SELECT count(*) FROM connex.outbox WHERE subject = 'Of sixty' AND state <> 'sent'`) === '0', 40);
    const got = await mailbox.with('Of sixty');
    assert.equal(got.length, 60);
    assert.equal(new Set(got.map((one) => one.text.trim())).size, 60);
  });

  test('waits longer and longer while the server is down, then fails visibly, and can be retried', async () => {
    cluster.sql(`UPDATE connex.setting SET value = '3' WHERE name = 'mail_tries'`);
    const away = { CONNEX_SMTP_URL: 'smtp://127.0.0.1:1' };
    const id = queue({ subject: 'Later' });
    const waits = [];
    for (let tries = 1; tries <= 3; tries++) {
      assert.equal(once(away).status, 0);
      assert.equal(mail(id).tries, tries);
      waits.push(Number(cluster.one(`SELECT extract(epoch FROM next_try_at - clock_timestamp()) FROM connex.outbox WHERE outbox_id = ${id}`)));
      dueNow();
    }
    assert.ok(waits[0] > 8 && waits[0] < 20 && waits[1] > 20 && waits[1] < 40, `${waits}`);
    assert.equal(mail(id).state, 'failed');
    assert.match(mail(id).error, /connect/i);

    const list = run(['admin', 'jobs']);
    assert.equal(list.status, 2);
    assert.match(list.out, new RegExp(`mail +${id} +test +failed +3 .*connect`, 'i'));
    assert.doesNotMatch(list.out, /ana@/);
    assert.equal(run(['admin', 'jobs', 'retry', 'mail', id]).status, 0);
    once();
    assert.equal(mail(id).state, 'sent');
    assert.equal((await mailbox.with('Later')).length, 1);
    assert.equal(run(['admin', 'jobs', 'retry', 'mail', id]).status, 1, 'what did not fail is not retried');
    cluster.sql(`UPDATE connex.setting SET value = default_value WHERE name = 'mail_tries'`);
  });

  test('that can never arrive fails at once, and a code that would come too late is not sent', async () => {
    const bad = queue({ subject: 'Bad', to: 'nobody at all' });
    const late = queue({ subject: 'Too late', body: 'code 999999', secret: true });
    cluster.sql(`UPDATE connex.outbox SET created_at = clock_timestamp() - interval '25 hours' WHERE outbox_id = ${late}`);
    once();
    assert.deepEqual(mail(bad), { state: 'failed', tries: 1, body: 'Good day', error: 'address cannot be used' });
    assert.deepEqual(mail(late), { state: 'failed', tries: 0, body: '', error: 'too late for a code' });
    assert.equal((await mailbox.with('Too late')).length, 0);
    assert.equal(run(['admin', 'jobs', 'retry', 'mail', late]).status, 1, 'its code is wiped');
    cluster.sql(`DELETE FROM connex.outbox WHERE outbox_id IN (${bad}, ${late})`);
  });

  test('that its server refuses permanently is not tried again', async () => {
    const server = await smtpServer((line) => (line === 'RCPT' ? '550 no such user' : usual(line)));
    const id = queue({ subject: 'Refused' });
    assert.equal(await onceBeside({ CONNEX_SMTP_URL: server.url }), 0);
    server.end();
    assert.deepEqual(mail(id), { state: 'failed', tries: 1, body: 'Good day', error: 'server answered 550' });
    cluster.sql(`DELETE FROM connex.outbox WHERE outbox_id = ${id}`);
  });

  test('that is being sent at SIGTERM is finished, and nothing new is started', async () => {
    const server = await smtpServer(async (line) => { if (line === '.') await pause(1500); return usual(line); });
    const self = await daemon({ CONNEX_SMTP_URL: server.url });
    const first = queue({ subject: 'In hand' });
    await until('the claim', () => mail(first).tries === 1, 10);
    const second = queue({ subject: 'Not begun' });
    const code = await self.end('SIGTERM');
    server.end();
    assert.equal(code, 0, self.log);
    assert.equal(mail(first).state, 'sent');
    assert.deepEqual([mail(second).state, mail(second).tries], ['waiting', 0]);
    assert.match(self.log, /jobs_stopped/);
    once();
  });

  test('of a daemon that was killed is sent by the next one when its lease is over', async () => {
    const server = await smtpServer((line) => (line === '.' ? undefined : usual(line))); // takes everything, then goes silent
    const self = await daemon({ CONNEX_SMTP_URL: server.url });
    const id = queue({ subject: 'Orphan' });
    await until('the claim', () => mail(id).tries === 1, 10);
    await pause(300);
    await self.end('SIGKILL');
    server.end();
    once();
    assert.equal(mail(id).state, 'waiting', 'the lease keeps others away');
    // A recovery code is good for 15 minutes: a lease may cost one of them, not a third (FGT-03).
    assert.ok(Number(cluster.one(`SELECT ceil(extract(epoch FROM next_try_at - clock_timestamp())) FROM connex.outbox WHERE outbox_id = ${id}`)) <= 60, 'the lease is short');
    dueNow();
    once();
    assert.deepEqual([mail(id).state, mail(id).tries], ['sent', 2]);
    assert.equal((await mailbox.with('Orphan')).length, 1);
  });

  test('resumes in the same daemon after PostgreSQL was killed and restarted', async () => {
    const self = await daemon();
    cluster.control('stop', '-m', 'immediate');
    await until('the daemon notices', () => self.log.includes('database_away'), 20);
    cluster.control('start');
    await until('the daemon is back', () => self.log.includes('database_back'), 20);
    queue({ subject: 'After the restart' });
    await until('the mail', async () => (await mailbox.with('After the restart')).length === 1, 20);
    assert.equal(self.code, undefined);
    assert.equal(await self.end('SIGTERM'), 0);
  });
});

describe('letters', () => {
  const letter = (id) => cluster.sql(`SELECT status, coalesce(secret, '(null)'), pdf IS NOT NULL, printed_at IS NOT NULL FROM connex.letter WHERE letter_id = ${id}`)[0];
  function queueLetter(account, code, days = 60) {
    const id = cluster.one(`INSERT INTO connex.letter (kind, provider_account_id, access_id, secret, expires_on)
      VALUES ('access_code', ${account}, ${account === 1 ? 1 : 'NULL'}, '${code}', connex.today() + ${days}) RETURNING letter_id`);
    cluster.sql(`INSERT INTO connex.job (kind, subject_id) VALUES ('letter', ${id})`);
    return id;
  }
  const textOf = (file) => spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).stdout;

  test('carry the code on paper, to the billing address, and to nobody else (LSO-04)', () => {
    const id = queueLetter(1, 'K7QX-9MTR-4WPA');
    const done = once();
    assert.deepEqual(letter(id), ['rendered', '(null)', 't', 'f']);

    const print = run(['letters', '--to', folder]);
    const file = join(folder, `letter-${id}-access_code.pdf`);
    assert.equal(print.status, 0, print.err);
    assert.match(print.out, /^letter-\d+-access_code\.pdf\n1 written, 0 not yet rendered, 0 failed\n$/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), [`letter-${id}-access_code.pdf`]);
    const text = textOf(file);
    for (const words of ['K7QX-9MTR-4WPA', '1234567893', 'A12345', '56789', '100 Main Street', 'Springfield, IL 62701', 'Example Contractor', 'https://portal.contractor.example'])
      assert.ok(text.includes(words), `${words} in ${text}`);
    assert.ok(!text.includes('123456789\n'), 'the whole TIN is not shown');
    assert.match(spawnSync('qpdf', ['--check', file], { encoding: 'utf8' }).stdout, /No syntax or stream encoding errors/);
    assert.match(spawnSync('pdfinfo', [file], { encoding: 'utf8' }).stdout, /Tagged: +yes/);

    assert.deepEqual(letter(id), ['printed', '(null)', 't', 't']);
    assert.equal(cluster.one(`SELECT count(*) FROM connex.access_event WHERE access_id = 1 AND action = 'code_mailed'`), '1');
    assert.doesNotMatch(done.err + done.out + print.out + print.err, /K7QX|9MTR/);
    assert.equal(cluster.one(`SELECT count(*) FROM connex.outbox WHERE body LIKE '%K7QX%'`), '0');
  });

  test('are written and marked once, even when the job or the command runs again', () => {
    const id = queueLetter(1, 'ABCD-EFGH-JKMN');
    once();
    cluster.sql(`INSERT INTO connex.job (kind, subject_id) VALUES ('letter', ${id})`);
    once();
    assert.match(run(['letters', '--to', folder]).out, /\n1 written/);
    assert.match(run(['letters', '--to', folder]).out, /^0 written/);
    assert.equal(cluster.one(`SELECT count(*) FROM connex.job WHERE state <> 'done'`), '0');
  });

  test('are not marked when the file cannot be written', () => {
    const id = queueLetter(1, 'PQRS-TUVW-XYZ2');
    once();
    assert.equal(run(['letters', '--to', join(folder, 'not there')]).status, 1);
    writeFileSync(join(folder, 'a file'), '');
    assert.equal(run(['letters', '--to', join(folder, 'a file')]).status, 1);
    rmSync(join(folder, 'a file'));
    assert.equal(letter(id)[0], 'rendered');
    assert.equal(run(['letters', '--to', folder]).status, 0);
    assert.ok(existsSync(join(folder, `letter-${id}-access_code.pdf`)));
  });

  test('without a billing address wait, fail visibly, and are made after the address is corrected', () => {
    cluster.sql(`UPDATE connex.setting SET value = '2' WHERE name = 'mail_tries'`);
    const id = queueLetter(2, 'MMMM-NNNN-PPPP');
    once();
    assert.deepEqual(letter(id), ['queued', 'MMMM-NNNN-PPPP', 'f', 'f']);
    dueNow();
    once();
    assert.equal(letter(id)[0], 'failed');
    assert.equal(run(['letters', '--to', folder]).status, 2);
    assert.match(run(['admin', 'jobs']).out, /letter +failed +2 .*no billing address/);
    cluster.sql(`UPDATE connex.provider_account SET billing_street = '2 Oak Road', billing_city = 'Peoria', billing_state = 'IL', billing_zip = '61602' WHERE provider_account_id = 2`);
    assert.equal(run(['admin', 'jobs', 'retry', 'all']).status, 0);
    once();
    assert.deepEqual(letter(id), ['rendered', '(null)', 't', 'f']);
    run(['letters', '--to', folder]);
    cluster.sql(`UPDATE connex.setting SET value = default_value WHERE name = 'mail_tries'`);
  });
});

describe('housekeeping', () => {
  test('removes what is no longer needed, wipes codes and texts, and leaves the rest', () => {
    cluster.sql(`
      INSERT INTO connex.session (secret_hash, user_account_id, ends_at)
        VALUES (sha256('dead'), 1, connex.now() - interval '2 days'), (sha256('alive'), 1, connex.now() + interval '1 hour');
      INSERT INTO connex.mailed_code (user_account_id, purpose, code_hash, expires_at)
        VALUES (1, 'email', sha256('a'), connex.now() - interval '3 days'), (1, 'login', sha256('b'), connex.now() + interval '1 hour');
      INSERT INTO connex.idempotency (user_account_id, key, body_hash, created_at)
        VALUES (1, 'old', sha256('a'), connex.now() - interval '49 hours'), (1, 'new', sha256('a'), connex.now()),
               (NULL, 'of nobody', sha256('a'), connex.now() - interval '49 hours');
      INSERT INTO connex.outbox (kind, to_address, subject, body, state, sent_at)
        VALUES ('test', 'a@b.example', 'Sent long ago', 'text', 'sent', now() - interval '8 days'), ('test', 'a@b.example', 'Sent now', 'text', 'sent', now());
      INSERT INTO connex.letter (kind, provider_account_id, status, pdf, printed_at) VALUES ('access_code', 1, 'printed', 'x', now() - interval '61 days');
      INSERT INTO connex.letter (kind, provider_account_id, secret, expires_on) VALUES ('access_code', 1, 'DEAD-CODE-2222', connex.today() - 1);
      INSERT INTO connex.attachment (provider_account_id, uploaded_by, file_name, media_type, bytes, sha256, created_at)
        VALUES (1, 1, 'unused.pdf', 'application/pdf', 1, sha256('x'), connex.now() - interval '31 days');
      INSERT INTO connex.attachment_piece SELECT attachment_id, 1, 'x' FROM connex.attachment;`);
    const done = once();
    assert.equal(done.status, 0, done.err);
    const words = done.events.find((event) => event.event === 'housekeeping').done;
    for (const part of ['sessions 1', 'codes 1', 'idempotency_keys 2', 'mail_bodies 1', 'letter_pdfs 1', 'letter_codes 1', 'attachments 1'])
      assert.ok(words.includes(part), `${part} in ${words}`);
    assert.equal(cluster.one(`SELECT count(*) FROM connex.session`), '1');
    assert.equal(cluster.one(`SELECT count(*) FROM connex.mailed_code`), '1');
    assert.equal(cluster.one(`SELECT key FROM connex.idempotency`), 'new');
    assert.deepEqual(cluster.sql(`SELECT subject, body IS NULL FROM connex.outbox WHERE subject LIKE 'Sent %' ORDER BY 1`), [['Sent long ago', 't'], ['Sent now', 'f']]);
    assert.equal(cluster.one(`SELECT count(*) FROM connex.letter WHERE secret IS NOT NULL`), '0');
    assert.equal(cluster.one(`SELECT count(*) FROM connex.attachment_piece`), '0');
    assert.ok(!once().events.some((event) => event.event === 'housekeeping'), 'a second time there is nothing to do');
  });

  test('purges what failed, ended, or is dead by spent_keep_days, and keeps what is younger', () => {
    const ages = { old: '401 days', new: '399 days' };
    for (const [name, age] of Object.entries(ages))
      cluster.sql(`
        INSERT INTO connex.outbox (kind, to_address, subject, body, state, created_at, next_try_at)
          VALUES ('test', 'a@b.example', 'Failed ${name}', 'text', 'failed', now() - interval '${age}', now());
        INSERT INTO connex.job (kind, subject_id, state, finished_at) VALUES ('letter', 999000, 'failed', now() - interval '${age}');
        INSERT INTO connex.token (user_account_id, name, secret_hash, beginning, functions, expires_at) VALUES (1, 'expired ${name}', sha256('e${name}'), 'cx_', '{claims}', now() - interval '${age}');
        INSERT INTO connex.token (user_account_id, name, secret_hash, beginning, functions, expires_at, revoked_at)
          VALUES (1, 'revoked ${name}', sha256('r${name}'), 'cx_', '{claims}', now() + interval '1 day', now() - interval '${age}');
        WITH r AS (INSERT INTO connex.load_run (kind, file_name, sha256, state, finished_at) VALUES ('835', '${name}.835', sha256('${name}'), 'findings', now() - interval '${age}') RETURNING load_run_id)
          INSERT INTO connex.load_finding (load_run_id, finding_no, severity, place, code, words) SELECT load_run_id, n, 'flagged', 'row 1', 'x', '${name}' FROM r, generate_series(1, 3) n`);
    cluster.sql(`INSERT INTO connex.access_code (access_id, code_hash, expires_at) SELECT access_id, sha256('c'), now() - interval '401 days' FROM connex.access LIMIT 1
      ON CONFLICT (access_id) DO UPDATE SET expires_at = excluded.expires_at, used_at = NULL`);
    cluster.sql(`INSERT INTO connex.outbox (kind, to_address, subject, body, state, next_try_at) VALUES ('test', 'a@b.example', 'Failed last week', 'text', 'failed', now() - interval '8 days')`);
    const words = once().events.find((event) => event.event === 'housekeeping').done;
    for (const part of ['failed_mails 1', 'failed_jobs 1', 'tokens 2', 'access_codes 1', 'load_findings 3'])
      assert.ok(words.includes(part), `${part} in ${words}`);
    assert.deepEqual(cluster.sql(`SELECT name FROM connex.token WHERE name ~ ' (old|new)$' ORDER BY 1`), [['expired new'], ['revoked new']]);
    assert.deepEqual(cluster.sql(`SELECT DISTINCT words FROM connex.load_finding WHERE words IN ('old', 'new')`), [['new']]);
    assert.equal(cluster.one(`SELECT count(*) FROM connex.load_run WHERE file_name IN ('old.835', 'new.835')`), '2', 'where rows came from stays known');
    assert.deepEqual(cluster.sql(`SELECT subject, body FROM connex.outbox WHERE subject LIKE 'Failed %' ORDER BY 1`), [['Failed last week', ''], ['Failed new', 'text']]);
    cluster.sql(`DELETE FROM connex.outbox WHERE subject LIKE 'Failed %'; DELETE FROM connex.job WHERE subject_id = 999000`);
  });

  test('ends a report that runs past report_max_minutes, although its session lifted its timeouts, and no other', async () => {
    // A test does not wait a minute, the least that the setting takes: its bounds are gone for a moment.
    const report = (app) => spawn('psql', ['-Xq', '-d', `${cluster.db('connex_report')} application_name=${app}`, '-c', 'SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0',
      '-c', 'SELECT pg_sleep(100)'], { stdio: 'ignore' });
    const running = (app) => cluster.one(`SELECT count(*) FROM pg_stat_activity WHERE application_name = '${app}' AND wait_event = 'PgSleep'`) === '1';
    const long = report('long');
    const gone = new Promise((done) => long.once('close', done));
    await until('the long report', () => running('long'));
    once();
    assert.ok(running('long'), 'one that is young enough goes on');
    const other = spawn('psql', ['-Xq', '-d', `${cluster.db('connex_loader')} application_name=other`, '-c', 'SELECT pg_sleep(100)'], { stdio: 'ignore' });
    await until('another role', () => running('other'));
    cluster.sql(`ALTER TABLE connex.setting DROP CONSTRAINT setting_within_bounds; UPDATE connex.setting SET value = '0' WHERE name = 'report_max_minutes'`);
    const done = once();
    await gone;
    assert.ok(done.events.some(({ event }) => event === 'reports_ended'), done.err);
    assert.ok(running('other'), 'a load is no report');
    other.kill();
    cluster.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'other'; UPDATE connex.setting SET value = default_value WHERE name = 'report_max_minutes';
      ALTER TABLE connex.setting ADD CONSTRAINT setting_within_bounds CHECK (CASE WHEN kind = 'integer' AND value ~ '^-?[0-9]{1,9}$' THEN value::integer BETWEEN lowest AND highest ELSE true END)`);
  });

  test('creates the partitions of the coming months', () => {
    const month = cluster.one(`SELECT to_char(now() + interval '3 months', 'YYYYMM')`);
    cluster.sql(`DROP TABLE audit.event_${month}`);
    once();
    assert.equal(cluster.one(`SELECT to_regclass('audit.event_${month}') IS NOT NULL`), 't');
  });

  test('is done by only one of two daemons', () => {
    const held = spawn('psql', ['-Xq', '-d', cluster.db('postgres'), '-c', `SELECT pg_advisory_lock(hashtext('connex.jobs_housekeeping'))`, '-c', 'SELECT pg_sleep(3)'], { stdio: 'ignore' });
    return until('the lock', () => cluster.one(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`) !== '0').then(() => {
      cluster.sql(`INSERT INTO connex.session (secret_hash, user_account_id, ends_at) VALUES (sha256('dead again'), 1, connex.now() - interval '2 days')`);
      assert.equal(once().status, 0);
      assert.equal(cluster.one(`SELECT count(*) FROM connex.session WHERE ends_at < connex.now()`), '1');
      held.kill();
    });
  });
});

describe('connex admin', () => {
  test('shows and changes settings, for the owner only, with an audit row', () => {
    assert.match(admin('settings').out, /session_idle_minutes = 15 {3}\(1 to 720\)\n {4}Minutes without a request .*\[SES-01\]/);
    assert.equal(admin('set', 'session_idle_minutes', '20').out, 'session_idle_minutes = 20\n');
    assert.match(admin('settings', 'session_idle_minutes').out, /= 20 {3}\(default 15\) {3}\(1 to 720\)/);
    assert.equal(cluster.one(`SELECT concat_ws(' ', detail ->> 'old', detail ->> 'new', detail ->> 'by') FROM audit.event WHERE action = 'setting_changed' AND detail ->> 'name' = 'session_idle_minutes'`),
      '15 20 connex_owner');
    assert.equal(admin('set', 'session_idle_minutes', '--default').out, 'session_idle_minutes = 15\n');
    assert.match(admin('set', 'session_idle_minutes', 'soon').err, /session_idle_minutes is a whole number from 1 to 720/);
    for (const wrong of ['-5', '0', '721', '99999999999'])
      assert.match(admin('set', 'session_idle_minutes', wrong).err, /does not take this value\n.*session_idle_minutes is a whole number from 1 to 720/, wrong);
    assert.match(admin('set', 'csn_required', 'perhaps').err, /csn_required is true or false/);
    assert.match(admin('set', 'no_such_setting', '1').err, /no setting/);
    assert.equal(admin('set', 'time_zone', 'Mars/Olympus').status, 1);
    assert.equal(admin('set', 'time_zone', 'America/Chicago').status, 0);
    assert.equal(admin('set', 'time_zone', '--default').status, 0);
    assert.match(run(['admin', 'set', 'session_idle_minutes', '5']).err, /connex_owner/);
    assert.equal(cluster.one(`SELECT value FROM connex.setting WHERE name = 'session_idle_minutes'`), '15');
  });

  test('creates an analyst whose temporary password must be changed (PWD-03)', () => {
    const words = ['user', 'create-analyst', '--user-id', 'ANLY001', '--first-name', 'Lee', '--last-name', 'Park', '--email', 'lee@contractor.example', '--contractors', '99901,99902'];
    const make = (password, changed = words) => run(['admin', ...changed], { role: 'connex_owner', input: `${password}\n` });
    assert.match(make('short').err, /at least 15 characters/);
    assert.equal(make('correct horse battery staple 7').status, 0);
    assert.deepEqual(cluster.sql(`SELECT u.kind, u.email_verified_at IS NULL, c.temporary, left(c.password_hash, 9) FROM connex.user_account u JOIN connex.credential c USING (user_account_id) WHERE user_id = 'ANLY001'`),
      [['analyst', 't', 't', '$argon2id']]);
    assert.match(make('correct horse battery staple 7').err, /belongs to another account/);
    assert.equal(make('correct horse battery staple 7', words.with(3, 'Anly001')).status, 1);
    assert.equal(make('correct horse battery staple 7', words.slice(0, -2)).status, 1);
    assert.equal(make('correct horse battery staple 7', words.with(9, 'lee@contractor.example\nBcc: x@y.example')).status, 1);
    assert.match(make('correct horse battery staple 7', words.with(11, '99901,9990')).err, /five digits/);
    assert.match(run(['admin', ...words.with(3, 'ANLY002').with(9, 'b@contractor.example')], { input: 'correct horse battery staple 7\n' }).err, /connex_owner/);
  });

  test('grants an analyst other contractor numbers, and keeps who did it', () => {
    const set = (...words) => run(['admin', 'user', 'contractors', ...words], { role: 'connex_owner' });
    const granted = () => cluster.sql(`SELECT contractor_no FROM connex.staff_contractor JOIN connex.user_account USING (user_account_id) WHERE user_id = 'ANLY001' ORDER BY 1`).flat();
    assert.deepEqual(granted(), ['99901', '99902']);
    assert.match(set('ANLY001', '99902,99903').out, /99902 .*\n +99903 \(no file loaded yet\)/);
    assert.deepEqual(granted(), ['99902', '99903']);
    assert.deepEqual(cluster.sql(`SELECT detail->>'old', detail->>'new', detail->>'by' FROM audit.event WHERE action = 'analyst_contractors'`), [['99901,99902', '99902,99903', 'connex_owner']]);
    for (const bad of ['9990', '99902,', ',99902', '99902;DROP', '']) assert.equal(set('ANLY001', bad).status, 1, bad);
    assert.match(set('NONE999', '99901').err, /no analyst NONE999/);
    assert.deepEqual(granted(), ['99902', '99903']);
  });

  test("a person's wrong address is corrected by the contractor, and verified again (EML-03)", () => {
    const set = (...words) => run(['admin', 'user', 'set-email', ...words], { role: 'connex_owner' });
    assert.equal(set('ANLY001', 'lee.park@contractor.example').status, 0);
    assert.deepEqual(cluster.sql(`SELECT email, email_verified_at IS NULL FROM connex.user_account WHERE user_id = 'ANLY001'`), [['lee.park@contractor.example', 't']]);
    assert.match(set('NONE999', 'a@contractor.example').err, /there is no user NONE999/);
    assert.equal(set('ANLY001', 'not an address').status, 1);
  });

  test('explains its usage', () => {
    for (const verb of ['jobs', 'letters', 'admin']) {
      const help = run([verb, '--help']);
      assert.equal(help.status, 0);
      assert.match(help.out, new RegExp(`^usage: connex ${verb}`));
      assert.equal(run([verb, '--nonsense']).status, 1);
    }
    assert.equal(admin('jobs', 'retry', 'mail', '1; DROP TABLE x').status, 1);
  });
});

test('the daemon\'s role cannot read a password or change a rule or an audit row', () => {
  for (const statement of ['SELECT * FROM connex.credential', 'SELECT * FROM connex.claim', 'SELECT * FROM connex.beneficiary', `UPDATE connex.setting SET value = '1'`,
    'DELETE FROM audit.event', `UPDATE connex.user_account SET kind = 'analyst'`, `INSERT INTO connex.access_event (access_id, event_no, action) VALUES (1, 99, 'approved')`])
    assert.throws(() => cluster.sql(statement, 'connex_jobs'), /permission denied/, statement);
});
