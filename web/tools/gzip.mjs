// Writes a .gz file for each text file in dist, so that nginx (gzip_static) compresses nothing at run time.
// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

for (const file of fs.readdirSync('dist', { recursive: true })) {
  if (!/\.(js|css|html|svg|json|txt)$/.test(file)) continue;
  const full = path.join('dist', file);
  fs.writeFileSync(`${full}.gz`, zlib.gzipSync(fs.readFileSync(full), { level: 9 }));
}
