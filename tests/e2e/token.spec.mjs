// Tokens for scripts: created on the page, shown once, used by curl for what was chosen only, and revoked (design section 6).
// SPDX-License-Identifier: Apache-2.0
import { curl } from './helper/instance.mjs';
import { makeDeniedClaim, makeOffice } from './helper/people.mjs';
import { enter, expect, expectFaults, look, standing, test } from './helper/screens.mjs';

test('a token is shown once, works only for what was chosen, and ends when it is revoked', async ({ page }) => {
  const { account, user } = makeOffice();
  const claim = makeDeniedClaim(account);
  const api = `/api/v1/provider-accounts/${account.provider_account_id}`;
  const search = (bearer) => curl(`${api}/claim-searches`, { bearer, body: { status: 'denied' } });
  await enter(page, user, '/account/tokens');
  await standing(page, 'Tokens for scripts');
  await page.getByRole('button', { name: 'Create a token' }).click();
  await page.getByRole('textbox', { name: 'Last day' }).fill('');
  await page.getByRole('button', { name: 'Create the token' }).click();
  await expectFaults(page, ['name', 'function', 'provider account', 'last day']);
  await look(page, 'token-new');
  const end = new Date(Date.now() + 20 * 86_400_000);
  await page.getByRole('textbox', { name: 'Name' }).fill('nightly claim status');
  await page.getByRole('checkbox', { name: 'Claims' }).check();
  await page.getByRole('checkbox', { name: new RegExp(account.name) }).check();
  await page.getByRole('textbox', { name: 'Last day' }).fill(`${end.getUTCMonth() + 1}/${end.getUTCDate()}/${end.getUTCFullYear()}`);
  await page.getByRole('button', { name: 'Create the token' }).click();
  const made = page.getByRole('region', { name: /token nightly claim status/ });
  await expect(made).toBeFocused();
  const secret = (await made.locator('.c-id').innerText()).trim();
  await look(page, 'token-made');

  const found = search(secret);
  expect(found.status).toBe(200);
  expect(found.body.items.map((item) => item.control_no)).toEqual([claim.control_no]);
  expect(curl(`${api}/remittances`, { bearer: secret }).status, 'financials were not chosen').toBe(403);
  expect(curl('/api/v1/tokens', { bearer: secret }).status, 'a token cannot create tokens').toBeGreaterThanOrEqual(401);
  expect(search(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`).status).toBe(401);

  await page.reload();
  await standing(page, 'Tokens for scripts');
  const row = page.getByRole('row', { name: 'nightly claim status' });
  await expect(row).toContainText('Active');
  expect(await page.content(), 'shown once').not.toContain(secret);
  await look(page, 'tokens');
  await row.getByRole('button', { name: /^Revoke/ }).click();
  const question = page.getByRole('dialog');
  await expect(question).toContainText('cannot undo this');
  await look(page, 'token-revoke');
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  expect(search(secret).status, 'Escape keeps it').toBe(200);
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toContainText('Revoked');
  expect(search(secret).status).toBe(401);
});
