// Runs Lighthouse on a running instance: the median of three runs for each page, mobile and desktop. Fails below the floor.
//
//   npm install --no-package-lock && node lighthouse.mjs https://localhost:8443
//
// PATHS (comma list), RUNS (3), FLOOR (98), OUT (folder for the reports; none by default), CHROMIUM (/usr/bin/chromium).
// Its packages are separate from the client's, because one of them has no fixed version, which npm ci rejects.
// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as chromeLauncher from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

const base = process.argv[2] ?? 'https://localhost:8443';
const floor = Number(process.env.FLOOR ?? 98);
const runs = Number(process.env.RUNS ?? 3);
const paths = (process.env.PATHS ?? '/,/create-account,/cant-log-in,/help').split(',');
const out = process.env.OUT;
const categories = ['performance', 'accessibility', 'best-practices', 'seo'];

const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'connex-lighthouse-'));
const chrome = await chromeLauncher.launch({
  chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  userDataDir: profile,
  chromeFlags: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--ignore-certificate-errors',
  ], // the development certificate is our own
});

const scores = (run) =>
  Object.fromEntries(
    categories.map((c) => [c, Math.round((run.lhr.categories[c].score ?? 0) * 100)]),
  );

function report(run) {
  for (const category of Object.values(run.lhr.categories)) {
    for (const ref of category.auditRefs) {
      const audit = run.lhr.audits[ref.id];
      if (ref.weight > 0 && audit.score !== null && audit.score < 0.9)
        console.log(`    ${category.id}: ${ref.id} ${audit.score} ${audit.displayValue ?? ''}`);
    }
  }
}

let low = 0;
try {
  for (const page of paths) {
    for (const [form, config] of [
      ['mobile', undefined],
      ['desktop', desktopConfig],
    ]) {
      const done = [];
      for (let i = 0; i < runs; i++) {
        done.push(
          await lighthouse(
            base + page,
            {
              port: chrome.port,
              output: ['json', 'html'],
              logLevel: 'error',
              onlyCategories: categories,
            },
            config,
          ),
        );
      }
      done.sort((a, b) => a.lhr.categories.performance.score - b.lhr.categories.performance.score);
      const median = done[done.length >> 1];
      const found = scores(median);
      const bad = Object.values(found).some((score) => score < floor);
      console.log(
        `${page} ${form} ${categories.map((c) => found[c]).join('/')} performance of all runs ${done.map((r) => scores(r).performance).join(' ')}`,
      );
      if (bad) {
        low++;
        report(median);
      }
      if (out) {
        fs.mkdirSync(out, { recursive: true });
        fs.writeFileSync(
          path.join(out, `${page.replace(/\W+/g, '_')}${form}.html`),
          median.report[1],
        );
      }
    }
  }
} finally {
  await chrome.kill();
  fs.rmSync(profile, { recursive: true, force: true });
}
console.log(low ? `${low} under ${floor}` : `all at least ${floor}`);
process.exit(low ? 1 : 0);
