// Texts of the client are plain (design 7): they have none of these words.
// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
import fs from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../src/', import.meta.url);
const files = (fs.readdirSync(root, { recursive: true }) as string[]).filter(
  (f) => /\.tsx?$/.test(f) && !f.endsWith('.d.ts'),
);
const BANNED =
  /\b(invalid|please|sorry|forbidden|oops|illegal|abort|mend|untick|once more|whoever|worklist)\b/i;

/** Source without comments, and without names of HTML and of libraries. */
const spoken = (source: string) =>
  source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/aria-invalid|invalidateQueries|'\/worklist\/:rest\*'/g, '');

test.each(files)('%s speaks plainly', (name) => {
  const source = spoken(fs.readFileSync(new URL(name, root), 'utf8'));
  expect(BANNED.exec(source)?.[0]).toBeUndefined();
});

test('the check finds a banned word', () => {
  expect(BANNED.test(spoken("const words = 'Invalid code. Please try again.'; // fine"))).toBe(
    true,
  );
});

test('no inline style, no raw HTML: the Content-Security-Policy has Trusted Types', () => {
  for (const name of files) {
    const source = fs.readFileSync(new URL(name, root), 'utf8');
    expect(source, name).not.toMatch(/dangerouslySetInnerHTML|innerHTML|style=\{|style="/);
    expect(source, name).not.toMatch(/\bdisabled=/); // a button is never disabled: it tells what is missing
  }
});
