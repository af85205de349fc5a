// The generated types are those of the contract as it stands: `npm run gen` was not forgotten.
// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
import fs from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, test } from 'vitest';

const file = (path: string) => new URL(path, new URL('../', import.meta.url));

test('src/api/schema.d.ts is current with fcgi/openapi.yaml', async () => {
  const fresh = astToString(await openapiTS(file('../fcgi/openapi.yaml')));
  const kept = fs.readFileSync(file('src/api/schema.d.ts'), 'utf8');
  expect(kept.endsWith(fresh)).toBe(true); // the command puts a header before it
});
