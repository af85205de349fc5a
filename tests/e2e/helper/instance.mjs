// The running instance as the tests reach it besides the browser: its demo.json, its database as the owner (for looking,
// and for what a test must find there), its mailbox, and its letters as the print shop gets them.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

if (!process.env.CONNEX_DEMO) throw new Error('CONNEX_DEMO must name the demo.json of a running instance (make run)');
export const demo = JSON.parse(readFileSync(process.env.CONNEX_DEMO, 'utf8'));
export const origin = demo.base_url;
export const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

const instance = process.env.CONNEX_VAR ?? dirname(process.env.CONNEX_DEMO);
const programs = process.env.CONNEX_BIN ?? join(instance, 'bin');
/** Screenshots, and what is left of a test that failed. */
export const results = join(instance, 'e2e');
mkdirSync(results, { recursive: true });

export const userOf = (user_id) => demo.users.find((user) => user.user_id === user_id) ?? assert.fail(`no demonstration user ${user_id}`);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
/** Asks again until there is something, for what the jobs daemon does in the background. */
export async function until(what, ask, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; ; await pause(150)) {
    const found = await ask();
    if (found) return found;
    assert.ok(Date.now() < end, `${what}: not within ${seconds} s`);
  }
}

// --- the database ----------------------------------------------------------------------------------------------------

/** Runs SQL as the owner; :'name' in the text is a value, quoted by psql. */
export function sql(text, values = {}) {
  const words = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', demo.pg.host, '-p', String(demo.pg.port),
    '-U', 'connex_owner', '-d', demo.pg.dbname];
  for (const [name, value] of Object.entries(values)) words.push('-v', `${name}=${value}`);
  return execFileSync('psql', words, { input: text, encoding: 'utf8' }).trim();
}
/** The rows of one SELECT as objects. */
export const rows = (select, values) => JSON.parse(sql(`SELECT coalesce(json_agg(r), '[]') FROM (${select}) r;`, values));
export const one = (select, values) => rows(select, values)[0];

// Tests log in often within an hour: how many codes an hour is a rule of its own, tested with the API.
sql("UPDATE connex.setting SET value = '100000' WHERE name IN ('security_codes_per_hour', 'recovery_codes_per_hour');");

// --- the mailbox -----------------------------------------------------------------------------------------------------

async function mailsTo(address) {
  const all = await (await fetch(`${demo.mailbox_url}/email`)).json();
  return all.filter((mail) => mail.to.some((to) => to.address.toLowerCase() === address.toLowerCase()));
}

/** The mail to `address` that `act` brings about; every person of these tests has an address of their own. */
export async function mailAfter(address, subject, act) {
  const seen = new Set((await mailsTo(address)).map(({ id }) => id));
  await act();
  return until(`mail ${subject} to ${address}`, async () =>
    (await mailsTo(address)).find((mail) => !seen.has(mail.id) && subject.test(mail.subject)));
}
/** The newest mail with this subject; waits until there is one. */
export const mailTo = (address, subject) => until(`mail ${subject} to ${address}`, async () =>
  (await mailsTo(address)).filter((mail) => subject.test(mail.subject)).at(-1));
export const allMailTo = mailsTo;

/** The code that stands alone on a line of a mail. */
export const codeIn = (mail) => mail.text.match(/^\s+([0-9]{4,10})\s*$/m)?.[1] ?? assert.fail(`no code in the mail:\n${mail.text}`);
/** Another code of the same length: wrong by one digit. */
export const wrongCode = (code) => code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));

// --- letters and files -----------------------------------------------------------------------------------------------

export const textOfPdf = (file) => execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });

/** The text of the letter that names this PTAN: fetched as the print shop fetches it, read as the addressee reads it. */
export async function letterOf(ptan) {
  await until('the letter is made', () => one(`SELECT 1 AS made FROM connex.letter JOIN connex.provider_account USING (provider_account_id)
    WHERE ptan = :'ptan' AND status = 'rendered'`, { ptan }));
  const directory = mkdtempSync(join(tmpdir(), 'letters-'));
  try {
    execFileSync(join(programs, 'connex'), ['letters', '--to', directory], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CONNEX_DB: `host=${demo.pg.host} port=${demo.pg.port} dbname=${demo.pg.dbname} user=connex_jobs` },
    });
    const texts = readdirSync(directory).map((name) => textOfPdf(join(directory, name)));
    return texts.find((text) => text.includes(ptan)) ?? assert.fail(`no letter names PTAN ${ptan}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A script's call with curl, trusting the instance's own authority: status and body. */
export function curl(path, { bearer, body } = {}) {
  const words = ['-sS', '--cacert', demo.ca_file, '-w', '\n%{http_code}', ...(bearer ? ['-H', `Authorization: Bearer ${bearer}`] : [])];
  if (body) words.push('-H', 'Content-Type: application/json', '--data-binary', JSON.stringify(body));
  const lines = execFileSync('curl', [...words, `${origin}${path}`], { encoding: 'utf8' }).split('\n');
  const status = Number(lines.pop());
  return { status, body: JSON.parse(lines.join('\n')) };
}

/** A PDF of one empty page that readers open. */
export function pdf(words = 'evidence') {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Note (${words}) >>`];
  let text = '%PDF-1.4\n';
  const at = objects.map((object, i) => {
    const here = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return here;
  });
  const start = text.length;
  const places = at.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 4\n0000000000 65535 f \n${places}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
