// A decision on a request has its own address, for the Local Security Officer and for the analyst: Back leads to the list, a
// reload stays on the page, and a link opens it.
// SPDX-License-Identifier: Apache-2.0
import { one, sql } from './helper/instance.mjs';
import { ALL, makeAccount, makeOffice, makeUser } from './helper/people.mjs';
import { enter, expect, look, move, standing, test, turnTo } from './helper/screens.mjs';

/** Requests access as the pages do, and returns its id. */
const ask = (user, account, { lso = false } = {}) => sql(`INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested,
    functions, lso, lso_requested)
  SELECT user_account_id, :'account'::bigint, 'requested', :'functions'::text[], '{}', false, :'lso'::boolean
    FROM connex.user_account WHERE user_id = :'user_id' RETURNING access_id;`,
{ user_id: user.user_id, account: account.provider_account_id, functions: `{${ALL}}`, lso: String(lso) });
const statusOf = (access_id) => one(`SELECT status FROM connex.access WHERE access_id = :'access_id'::bigint`, { access_id }).status;
const path = (page) => new URL(page.url()).pathname + new URL(page.url()).search;

test('the Local Security Officer decides at /user-management/…', async ({ page }) => {
  const { account, user: officer } = makeOffice(ALL, true);
  const asking = makeUser({ first_name: 'Perpetua', last_name: 'Longacre' });
  const id = ask(asking, account);
  const list = '/user-management?status=requested';
  const here = `/user-management/${id}?status=requested`;
  await enter(page, officer, list);
  await standing(page, 'User management');
  await move(page, 'Decide a request', () => page.getByRole('button', { name: /^Decide Perpetua/ }).click());
  expect(path(page)).toBe(here);
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'User management' })).toHaveAttribute('aria-current', 'page');
  await page.reload();
  await standing(page, 'Decide a request');
  await expect(page.getByRole('main')).toContainText('Perpetua Longacre');
  await expect(page.getByRole('checkbox', { name: 'Claims' })).toBeChecked();
  await look(page, 'user-management-address');
  await page.goBack();
  await standing(page, 'User management');
  expect(path(page)).toBe(list);
  await page.goForward();
  await standing(page, 'Decide a request');
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await standing(page, 'User management');
  await page.getByRole('textbox', { name: 'User ID, name, NPI, or PTAN' }).fill('Longacre');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: /^Decide Perpetua/ }).click();
  await standing(page, 'Decide a request');
  await page.goBack();
  await standing(page, 'User management');
  await expect(page.getByRole('textbox', { name: 'User ID, name, NPI, or PTAN' }), 'the search is still there').toHaveValue('Longacre');
  await page.getByRole('button', { name: /^Decide Perpetua/ }).click();
  await page.getByRole('button', { name: 'Approve' }).click();
  await standing(page, 'User management');
  await expect(page.getByRole('main')).toContainText('Approved: Perpetua Longacre');
  expect(path(page)).toBe(list);
  expect(statusOf(id)).toBe('approved');

  await page.goto(`/user-management/${id}`);
  await standing(page, 'Change access');
  await page.goto('/user-management/1');
  await expect(page.getByRole('main')).toContainText('There is nothing to decide here');
  await look(page, 'user-management-nothing');
  await move(page, 'User management', () => page.getByRole('main').getByRole('link', { name: 'User management' }).first().click());
});

test('the analyst decides at /desk/access-requests/…', async ({ page }) => {
  const account = makeAccount();
  const officer = makeUser({ first_name: 'Philippa', last_name: 'Underhill' });
  const id = ask(officer, account, { lso: true });
  const analyst = makeUser({ kind: 'analyst', first_name: 'Rosamond', last_name: 'Eastlake' });
  await enter(page, analyst, '/desk/access-requests');
  await standing(page, 'Access requests');
  const decide = page.getByRole('button', { name: /^Decide Philippa/ }).filter({ hasText: account.name });
  await turnTo(page, decide);
  await move(page, 'Decide an access request', () => decide.click());
  expect(path(page)).toBe(`/desk/access-requests/${id}`);
  await page.reload();
  await standing(page, 'Decide an access request');
  await expect(page.getByRole('main')).toContainText('Philippa Underhill');
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Access requests' })).toHaveAttribute('aria-current', 'page');
  await look(page, 'desk-access-address');
  await page.goBack();
  await standing(page, 'Access requests');
  expect(path(page)).toBe('/desk/access-requests');
  await page.goForward();
  await standing(page, 'Decide an access request');
  await page.getByRole('textbox', { name: /Comment/ }).fill('Send a copy of the check.');
  await page.getByRole('button', { name: 'Decline' }).click();
  await standing(page, 'Access requests');
  await expect(page.getByRole('main')).toContainText('Declined: Philippa Underhill');
  expect(statusOf(id)).toBe('declined');
  await page.goBack();
  await expect(page.getByRole('main')).toContainText('There is nothing to decide here');

  await test.step('a bookmark of the old address leads to the new one', async () => {
    await page.goto('/home');
    await page.goto(`/worklist/access-requests/${id}?status=all`);
    await expect(page.getByRole('main')).toContainText('There is nothing to decide here');
    expect(path(page)).toBe(`/desk/access-requests/${id}?status=all`);
    await page.goto('/worklist');
    await standing(page, 'Access requests');
    expect(path(page)).toBe('/desk');
    await page.goto('/worklist/redeterminations');
    await standing(page, 'Redeterminations to decide');
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await standing(page, /^Welcome/);
  });
});
