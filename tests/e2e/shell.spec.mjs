// The frame of every page: logging in with the keyboard only, the skip link, deep links, wrong addresses, pages of another
// office or of the analyst, and a server that cannot be reached.
// SPDX-License-Identifier: Apache-2.0
import { codeIn, mailAfter, userOf } from './helper/instance.mjs';
import { makeOffice, makeUser } from './helper/people.mjs';
import { enter, expect, look, move, standing, tabTo, test } from './helper/screens.mjs';

test('logging in with the keyboard only, to a deep link', async ({ page }) => {
  const { user, base } = makeOffice();
  await page.goto(`${base}/claims?status=paid`);
  await standing(page, 'Log in to continue');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to main content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, page.getByRole('textbox', { name: 'User ID' }));
  await page.keyboard.type(user.user_id.toLowerCase());
  await tabTo(page, page.getByRole('textbox', { name: 'Password', exact: true }));
  await page.keyboard.type(user.password);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await tabTo(page, dialog.getByRole('button', { name: 'Accept', exact: true }));
  for (let i = 0; i < 6; i += 1) { // focus stays inside the dialog (or goes to the browser's own bar)
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement === document.body || !!document.activeElement.closest('dialog'))).toBe(true);
  }
  await tabTo(page, dialog.getByRole('button', { name: 'Accept', exact: true }));
  await page.keyboard.press('Enter');
  await standing(page, 'Security code');
  await expect(page.locator('h1')).toBeFocused();
  await tabTo(page, page.getByRole('button', { name: /^Send .*code$/ }));
  const code = codeIn(await mailAfter(user.email, /Your Security Code/, () => page.keyboard.press('Enter')));
  await expect(page.getByRole('textbox', { name: 'Security code' }), 'the code can be typed at once').toBeFocused();
  await page.keyboard.type(code);
  await page.keyboard.press('Enter');
  await standing(page, 'Claims');
  await expect(page).toHaveURL(/status=paid/);
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('paid');
});

test('help, and an address that does not exist', async ({ page, refusals }) => {
  await page.goto('/');
  await move(page, 'Help', () => page.getByRole('contentinfo').getByRole('link', { name: 'Help' }).click());
  await look(page, 'help');
  refusals.add(404);
  const answer = await page.goto('/no-such-page');
  expect(answer.status(), 'a real 404').toBe(404);
  await standing(page, 'Page not found');
  await look(page, 'not-found');
});

test('the layout does not shift while a page loads on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 412, height: 823 });
  await page.route(/\/assets\/.*\.js$|\/api\//, async (route) => { // slowly, so that each part arrives on its own
    await new Promise((done) => setTimeout(done, 200));
    await route.continue();
  });
  for (const path of ['/', '/create-account', '/cant-log-in', '/help']) {
    await page.goto(path, { waitUntil: 'networkidle' });
    const shift = await page.evaluate(() => new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; }).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => done(sum), 300);
    }));
    expect(shift, `layout shift of ${path}`).toBeLessThan(0.01); // the page's own font moves the text a little
  }
});

test('in forced colors, the current page is underlined in the navigation', async ({ page }) => {
  const { user } = makeOffice();
  await page.emulateMedia({ forcedColors: 'active' });
  await enter(page, user, '/account');
  await standing(page, 'Profile');
  for (const name of ['Main', 'Manage account']) {
    const lines = await page.getByRole('navigation', { name }).getByRole('link').evaluateAll((links) =>
      links.map((link) => [link.hasAttribute('aria-current'), getComputedStyle(link).textDecorationLine === 'underline']));
    expect(lines.filter(([current]) => current), `${name} has a current one`).toHaveLength(1);
    for (const [current, line] of lines) expect(line).toBe(current);
  }
});

test('another office\'s claim is not found; only an analyst can use the desk', async ({ page, refusals }) => {
  refusals.add(403).add(404);
  const { user, base } = makeOffice();
  await enter(page, user, `${base}/claims/1`);
  await standing(page, 'Claim');
  await expect(page.getByText('Not found')).toBeVisible();
  await look(page, 'claim-not-there');
  await page.goto('/provider-accounts/1/claims');
  await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
  await expect(page.getByRole('main').getByRole('table')).toHaveCount(0);
  await page.goto('/desk/access-requests');
  await expect(page.getByText('Only the contractor’s analysts can use this page')).toBeVisible();
  expect((await page.request.get('/api/v1/desk/access-requests')).status()).toBe(403);
});

test('the home page of a Local Security Officer in the demonstration data', async ({ page }) => {
  await enter(page, userOf('LSOA001'));
  await standing(page, /^Welcome/);
  await expect(page.getByRole('heading', { name: 'Needs your attention' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('list', { name: 'Needs your attention' }).getByRole('link').first()).toBeVisible();
  await look(page, 'home');
});

test('a server that cannot be reached: the page says so, keeps what was entered, and can send again', async ({ page, faults }) => {
  const user = makeUser({ first_name: 'Clementine' });
  await enter(page, user, '/account/password');
  await standing(page, 'Change password');
  await page.getByRole('textbox', { name: 'Current password' }).fill(user.password);
  await page.getByRole('textbox', { name: 'New password', exact: true }).fill('a password for a rainy day');
  await page.getByRole('textbox', { name: 'Confirm new password' }).fill('a password for a rainy day');
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.locator('.c-summary')).toContainText('cannot be reached');
  expect(faults.splice(0).join()).toContain('ERR_INTERNET_DISCONNECTED'); // the browser's own message, and nothing else
  await page.context().setOffline(false);
  await expect(page.getByRole('textbox', { name: 'Confirm new password' })).toHaveValue('a password for a rainy day');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password has been changed')).toBeVisible();
});
