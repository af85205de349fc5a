// Lighthouse on one page, the median of three runs in each category, as JSON. The certificate is a self-made one.
//   node lighthouse.mjs URL
// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as chrome_launcher from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'lighthouse-'));
const chrome = await chrome_launcher.launch({
  chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium', userDataDir: profile,
  chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--ignore-certificate-errors'],
});
try {
  const runs = [];
  for (let i = 0; i < 3; i++) {
    const { lhr } = await lighthouse(process.argv[2], { port: chrome.port, logLevel: 'error',
      onlyCategories: ['performance', 'accessibility', 'best-practices', 'seo'] }, desktopConfig);
    runs.push(Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(score * 100)])));
  }
  const median = (values) => values.sort((a, b) => a - b)[1];
  console.log(JSON.stringify(Object.fromEntries(Object.keys(runs[0]).map((category) => [category, median(runs.map((run) => run[category]))]))));
} finally {
  await chrome.kill();
  fs.rmSync(profile, { recursive: true, force: true });
}
