// Fails the build when the JavaScript that the first page loads (entry and its preloads) is over the budget.
// JS_KB: the budget in kB of gzip, 62 by default.
// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs';
import zlib from 'node:zlib';

const limit = Number(process.env.JS_KB ?? 62) * 1000;
const html = fs.readFileSync('dist/index.html', 'utf8');
const bytes = (file) => {
  const raw = fs.readFileSync(`dist${file}`);
  return [raw.length, zlib.gzipSync(raw, { level: 9 }).length];
};
const sum = (files) => files.map(bytes).reduce((a, b) => [a[0] + b[0], a[1] + b[1]], [0, 0]);
const found = (pattern) => [...html.matchAll(pattern)].map((m) => m[1]);
const initial = found(/(?:src|href)="(\/assets\/[^"]+\.js)"/g);
const css = found(/href="(\/assets\/[^"]+\.css)"/g);
const all = fs
  .readdirSync('dist/assets')
  .filter((f) => f.endsWith('.js'))
  .map((f) => `/assets/${f}`);

if (!initial.length) {
  console.error('budget: no script found in dist/index.html');
  process.exit(1);
}
for (const [name, files] of [
  ['initial JavaScript', initial],
  ['style sheets', css],
  ['all JavaScript', all],
]) {
  const [raw, gzip] = sum(files);
  console.log(
    `${name.padEnd(20)} ${String(files.length).padStart(3)} files ${String(raw).padStart(8)} bytes ${String(gzip).padStart(7)} gzip`,
  );
}
if (sum(initial)[1] > limit) {
  console.error(`budget: initial JavaScript is over ${limit} bytes of gzip`);
  process.exit(1);
}
