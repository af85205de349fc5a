// The slimmed style sheet keeps every class that our markup and the imported components of the design system carry.
// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
import fs from 'node:fs';
import postcss from 'postcss';
import { expect, test } from 'vitest';
import { inUse, slimCss } from '../tools/slim-css';

const web = new URL('../', import.meta.url);
const system = new URL('node_modules/@cmsgov/design-system/dist/', web);
const COMPONENTS = [
  'Alert',
  'Button',
  'Dialog',
  'CloseButton',
  'TextField',
  'ChoiceList',
  'Label',
  'Hint',
  'InlineError',
  'NativeDialog',
];
/** Class names of those components for cases that we do not use: inverse colors, masks, disabled fields. */
const NOT_USED = /inverse|mask|disabled/;

const textsUnder = (folder: URL) =>
  (fs.readdirSync(folder, { recursive: true }) as string[])
    .filter((f) => /\.(tsx?|js)$/.test(f))
    .map((f) => fs.readFileSync(new URL(f, folder), 'utf8'));
const classesOf = (text: string) => text.match(/ds-[cu]-[a-z][a-zA-Z0-9_-]*[a-z]/g) ?? [];

test('every class of our own markup', () => {
  const names = new Set(textsUnder(new URL('src/', web)).flatMap(classesOf));
  expect(names.size).toBeGreaterThan(15);
  expect([...names].filter((name) => !inUse(name))).toEqual([]);
});

test.each(COMPONENTS)('every class of the component %s', (name) => {
  const names = textsUnder(new URL(`preact-components/esm/${name}/`, system))
    .flatMap(classesOf)
    .filter((c) => !NOT_USED.test(c));
  expect(names.filter((c) => !inUse(c))).toEqual([]);
});

test('keeps what is used and removes the rest', async () => {
  const sheet = fs.readFileSync(new URL('css/index.css', system), 'utf8');
  const { css } = await postcss([slimCss()]).process(sheet, { from: undefined });
  expect(css).toContain('.ds-c-dialog');
  expect(css).toContain('.ds-c-choice');
  expect(css).toContain('@font-face');
  expect(css).not.toMatch(/ds-c-(usa-banner|vertical-nav|pagination)/);
  expect(css.length).toBeLessThan(sheet.length / 2);
});
