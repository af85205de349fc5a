// Compares what the API tests saw with the contract: each (operation, status, problem code) that it lists must have been
// seen, and no other. scripts/test runs it after the whole suite. `x-not-tested` in the contract marks an answer that no
// API test can provoke, and says where it is tested instead.
//
//   node tests/support/coverage.mjs VAR/results/seen
//
// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const contract = JSON.parse(readFileSync(new URL('../../build/gen/openapi.json', import.meta.url), 'utf8'));
/** The codes of nginx's own refusals, which belong to no operation. */
const byServer = new Set([...readFileSync(new URL('../../scripts/render-nginx', import.meta.url), 'utf8').matchAll(/^[0-9]{3}\|(\w+)\|/gm)].map(([, code]) => code));

const folder = process.argv[2];
const seen = new Set(readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)));
const listed = new Map(); // '[operation,status,code]' -> why it is not tested, or undefined
for (const item of Object.values(contract.paths))
  for (const operation of Object.values(item))
    for (const [status, response] of Object.entries(operation.responses)) {
      const examples = response.content?.['application/problem+json']?.examples;
      if (!examples) listed.set(JSON.stringify([operation.operationId, Number(status), null]), undefined);
      else for (const [code, example] of Object.entries(examples)) listed.set(JSON.stringify([operation.operationId, Number(status), code]), example['x-not-tested']);
    }

const words = (key) => JSON.parse(key).filter((word) => word !== null).join(' ');
const never = [...listed].filter(([key, why]) => !why && !seen.has(key)).map(([key]) => words(key));
const unlisted = [...seen].filter((key) => !listed.has(key) && !byServer.has(JSON.parse(key)[2])).map(words);
for (const line of never) console.log(`listed and never seen: ${line}`);
for (const line of unlisted) console.log(`seen and not listed: ${line}`);
console.log(`${listed.size} answers listed, ${[...listed].filter(([, why]) => why).length} tested elsewhere, ${never.length} never seen, ${unlisted.length} not listed`);
process.exit(never.length || unlisted.length ? 1 : 0);
