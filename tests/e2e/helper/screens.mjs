// Screens as people see them: a page that fails its test on any error in the console, the check of a screen (axe at two
// widths, one heading with focus, no sideways scrolling, a screenshot), and the ways to log in.
// SPDX-License-Identifier: Apache-2.0
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';
import { codeIn, mailAfter, origin, results } from './instance.mjs';

export { expect };

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 320, height: 700 };
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** Every console error, page error and CSP violation of a page; answers that a test provokes are named by their status. */
function watch(page, faults, refusals) {
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const status = Number(/Failed to load resource: the server responded with a status of (\d+)/.exec(message.text())?.[1]);
    if (refusals.has(status)) return;
    faults.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
}

export const test = base.extend({
  /** The faults seen so far, and the statuses of refusals that this test brings about on purpose. */
  refusals: async ({}, use) => use(new Set()),
  faults: async ({}, use) => {
    const faults = [];
    await use(faults);
    expect(faults, 'nothing in the console').toEqual([]);
  },
  page: async ({ page, faults, refusals }, use) => {
    watch(page, faults, refusals);
    await use(page);
  },
  /** One more person at a browser of their own. */
  another: async ({ browser, faults, refusals }, use) => {
    const contexts = [];
    await use(async () => {
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      watch(page, faults, refusals);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

const shown = (page) => page.getByRole('heading', { level: 1 });

/** Waits until a screen is complete: it has its heading, and nothing is still loading. */
export async function standing(page, heading) {
  await expect(shown(page)).toHaveText(heading);
  await expect(page.getByText('Loading…')).toHaveCount(0);
}

/** Turns the pages of a table until `target` is on one: other rows may have filled the first. */
export async function turnTo(page, target) {
  const table = page.getByRole('main').getByRole('table');
  for (let at = 2; ; at += 1) {
    await expect(table).toBeVisible();
    await expect(page.locator('table[aria-busy=true]')).toHaveCount(0);
    const onwards = page.getByRole('button', { name: 'Next page' });
    if (await target.count() || !(await onwards.count())) return expect(target).toBeVisible();
    await onwards.click();
    await expect(page.getByText(`Page ${at}`)).toBeVisible();
  }
}

async function axe(page, name) {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze();
  const words = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `   ${n.target} ${n.html.slice(0, 160)}`).join('\n')}`);
  expect.soft(words, `axe on ${name}`).toEqual([]);
}

/**
 * Checks the current screen: one h1, a title, no violation and no sideways scrolling at 1280 and at 320 pixels. Puts a
 * screenshot of both in the results. Leaves the page as wide as it was.
 */
export async function look(page, name) {
  await expect(page.locator('h1')).toHaveCount(1);
  await expect(page).toHaveTitle(/\S+ - Connex$/);
  for (const size of [WIDE, NARROW]) {
    await page.setViewportSize(size);
    const at = `${name} at ${size.width}`;
    await axe(page, at);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(wide, `${at} does not scroll sideways`).toBeLessThanOrEqual(0);
    await page.screenshot({ path: `${results}/${name}-${size.width}.png`, fullPage: true });
  }
  await page.setViewportSize(WIDE);
}

/** A move inside the application: `act`, then the new screen's heading has focus and the tab's title names it. */
export async function move(page, heading, act) {
  const before = await page.title();
  await act();
  await standing(page, heading);
  await expect(shown(page)).toBeFocused();
  expect(await page.title(), 'the title of the tab changes').not.toBe(before);
}

/** The error summary has focus and shows each of the messages, and its links lead to the fields. */
export async function expectFaults(page, messages) {
  const summary = page.locator('.c-summary');
  await expect(summary).toBeFocused();
  await expect(page).toHaveTitle(/^Error: /);
  for (const message of messages) await expect(summary).toContainText(message);
  const link = summary.getByRole('link').first();
  if (await link.count()) {
    await link.click();
    expect(await page.evaluate(() => document.activeElement.matches('input, select, textarea')), 'the link leads to its field').toBe(true);
  }
}

/** The attestation comes before the first log-in of a tab (AC-8). */
export async function acceptAttestation(page) {
  await page.getByRole('dialog').getByRole('button', { name: 'Accept', exact: true }).click();
}

/** Logs in on the current screen with user ID and password, after the attestation if the tab has not accepted it yet. */
export async function typePassword(page, user, { attest = true } = {}) {
  await page.getByRole('textbox', { name: 'User ID' }).fill(user.user_id);
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(user.password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  if (attest) await acceptAttestation(page);
}

const codes = new Map();

/** The whole log-in on the screen, with the day's security code by mail; the code is kept for the day (MFA-03). */
export async function logIn(page, user, options) {
  await typePassword(page, user, options);
  await standing(page, 'Security code');
  if (!codes.has(user.user_id)) {
    codes.set(user.user_id, codeIn(await mailAfter(user.email, /Your Security Code/, () =>
      page.getByRole('button', { name: /^Send .*code$/ }).click())));
  }
  await page.getByRole('textbox', { name: 'Security code' }).fill(codes.get(user.user_id));
  await page.getByRole('button', { name: 'Verify code' }).click();
}

/** Logs in without the screens, for tests that are not about logging in. */
export async function enter(page, user, path = '/home') {
  const call = async (method, at, data) => {
    const answer = await page.request.fetch(`/api/v1${at}`, { method, data, headers: { origin } });
    expect(answer.ok(), `${method} ${at}: ${answer.status()} ${await answer.text()}`).toBe(true);
  };
  await call('POST', '/session', { user_id: user.user_id, password: user.password });
  if (!codes.has(user.user_id)) {
    codes.set(user.user_id, codeIn(await mailAfter(user.email, /Your Security Code/, () =>
      call('POST', '/session/security-code', { method: 'email' }))));
  }
  await call('POST', '/session/security-code-verification', { code: codes.get(user.user_id) });
  await page.addInitScript(() => { // what the log-in screen leaves in the browser; only once, so that logging out stays in effect
    if (location.protocol !== 'https:' || sessionStorage.getItem('e2e')) return;
    sessionStorage.setItem('e2e', 'entered');
    localStorage.setItem('connex-session', 'yes');
  });
  await page.goto(path);
}

/** Presses Tab until `target` has focus, as a person without a mouse does; whatever has focus must be visible. */
export async function tabTo(page, target, most = 120) {
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) {
      const mark = await target.evaluate((element) => {
        const style = getComputedStyle(element);
        const label = element.matches('input[type=radio], input[type=checkbox]');
        return label || style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      });
      expect(mark, 'what has focus shows it').toBe(true);
      return;
    }
  }
  throw new Error(`Tab does not reach ${target}`);
}

/** The person's menu at the top. */
export async function openMenu(page, user) {
  await page.getByRole('banner').getByText(`${user.first_name} ${user.last_name}`).click();
}
export async function logOut(page, user) {
  await openMenu(page, user);
  await page.getByRole('button', { name: 'Log out' }).click();
  await standing(page, 'Connex provider portal');
}
