// What the browser tests use of the running instance besides the browser: its demo.json, its database, its mailbox, its
// letters as the print shop gets them, and curl.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pdf as fileOf } from '../../support/claims.mjs';
import { demo, one, until } from '../../support/instance.mjs';

export { demo, one, rows, sql, until } from '../../support/instance.mjs';
export { allMailTo, codeIn, mailAfter, mailTo, wrongCode } from '../../support/mail.mjs';

export const origin = demo.base_url;
export const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

const instance = process.env.CONNEX_VAR ?? dirname(process.env.CONNEX_DEMO);
const programs = process.env.CONNEX_BIN ?? join(instance, 'bin');
/** For screenshots and the traces of failed tests. */
export const results = join(instance, 'e2e');
mkdirSync(results, { recursive: true });

export const userOf = (user_id) => demo.users.find((user) => user.user_id === user_id) ?? assert.fail(`no demonstration user ${user_id}`);

// --- letters and files -----------------------------------------------------------------------------------------------

export const textOfPdf = (file) => execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });

/** The text of the letter that names this PTAN, fetched the way the print shop does. */
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

/** A valid PDF with one empty page. */
export const pdf = (words) => fileOf(0, words);
