// Focus when a page changes without a new address (WCAG 2.4.3): it goes to the heading of the new step, and is not lost when
// the button that was pressed is removed. With the keyboard only.
// SPDX-License-Identifier: Apache-2.0
import { sql } from './helper/instance.mjs';
import { makeDeniedClaim, makeOffice, makeUser, newMbi } from './helper/people.mjs';
import { enter, expect, look, standing, tabTo, test, typePassword } from './helper/screens.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const h1 = (page) => page.locator('h1');
/** Goes to a button by Tab from the top of the page and presses Enter. */
async function press(page, target) {
  await h1(page).focus();
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

test('filing: to the review and back', async ({ page }) => {
  const { account, user, base } = makeOffice(['claims']);
  const claim = makeDeniedClaim(account);
  await enter(page, user, `${base}/claims/${claim.claim_id}/redetermination`);
  await standing(page, 'File a redetermination');
  await page.getByRole('textbox', { name: 'Requester’s telephone number' }).fill('(207) 555-0142');
  await page.getByRole('textbox', { name: 'I do not agree' }).fill('Ordered by the physician.');
  await press(page, button(page, 'Continue to review'));
  await standing(page, 'Review your redetermination');
  await expect(h1(page)).toBeFocused();
  await expect(page).toHaveTitle(/^Review your redetermination/);
  await press(page, button(page, 'Back'));
  await standing(page, 'File a redetermination');
  await expect(h1(page)).toBeFocused();
});

test('tokens: creating, canceling, copying, revoking', async ({ page }) => {
  const { account, user } = makeOffice();
  await enter(page, user, '/account/tokens');
  await standing(page, 'Tokens for scripts');
  await press(page, button(page, 'Create a token'));
  await expect(page.getByRole('heading', { name: 'New token' })).toBeFocused();
  await press(page, button(page, 'Cancel'));
  await expect(h1(page)).toBeFocused();
  await press(page, button(page, 'Create a token'));
  await page.getByRole('textbox', { name: 'Name' }).fill('nightly');
  await page.getByRole('checkbox', { name: 'Claims' }).check();
  await page.getByRole('checkbox', { name: new RegExp(account.name) }).check();
  await press(page, button(page, 'Create the token'));
  await expect(page.getByRole('region', { name: /token nightly/ })).toBeFocused();
  await press(page, button(page, 'I have copied it'));
  await expect(h1(page)).toBeFocused();
  await press(page, page.getByRole('button', { name: /^Revoke nightly/ }));
  const question = page.getByRole('dialog');
  await expect(question).toBeVisible(); // a Tab before it is there would move focus in the page below it
  await tabTo(page, question.getByRole('button', { name: 'Revoke' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: 'nightly' })).toContainText('Revoked');
  await expect(page.getByRole('row', { name: 'nightly' }).getByRole('cell').last(), 'focus stays in the row').toBeFocused();
});

test('resetting a search, the next patient, changing a password, a forgotten user ID', async ({ page }) => {
  const { user, base } = makeOffice();
  await enter(page, user, `${base}/claims`);
  await standing(page, 'Claims');
  await press(page, button(page, 'Reset'));
  await expect(h1(page)).toBeFocused();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Eligibility' }).click();
  await standing(page, 'Eligibility');
  await page.getByRole('textbox', { name: 'Medicare Number' }).fill(newMbi());
  await press(page, button(page, 'Next patient'));
  await expect(page.getByRole('textbox', { name: 'Medicare Number' })).toHaveValue('');
  await expect(h1(page)).toBeFocused();

  await page.goto('/account/password');
  await standing(page, 'Change password');
  await page.getByRole('textbox', { name: 'Current password' }).fill(user.password);
  for (const name of ['New password', 'Confirm new password'])
    await page.getByRole('textbox', { name, exact: true }).fill('a password for a windy day');
  await press(page, button(page, 'Change password'));
  await expect(page.getByText('Your password has been changed')).toBeVisible();
  await expect(h1(page)).toBeFocused();

  await page.goto('/cant-log-in/user-id');
  await standing(page, 'I forgot my user ID');
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(user.email);
  await press(page, button(page, 'Send my user ID'));
  await expect(page.getByText('Check your e-mail')).toBeVisible();
  await expect(h1(page)).toBeFocused();
});

test('the analyst takes a case and decides it', async ({ page, another }) => {
  const { account, user, base } = makeOffice(['claims']);
  const claim = makeDeniedClaim(account);
  await enter(page, user, `${base}/claims/${claim.claim_id}/redetermination`);
  await standing(page, 'File a redetermination');
  await page.getByRole('textbox', { name: 'Requester’s telephone number' }).fill('(207) 555-0142');
  await page.getByRole('textbox', { name: 'I do not agree' }).fill('Ordered by the physician.');
  await press(page, button(page, 'Continue to review'));
  await standing(page, 'Review your redetermination');
  await press(page, button(page, 'File the redetermination'));
  await standing(page, 'Redetermination received');
  await expect(h1(page)).toBeFocused();
  const id = new URL(page.url()).pathname.split('/').at(-1);

  const desk = await another();
  await enter(desk, makeUser({ kind: 'analyst' }), `/desk/redeterminations/${id}`);
  await expect(button(desk, 'Take this case')).toBeVisible();
  await press(desk, button(desk, 'Take this case'));
  await expect(button(desk, 'Take this case')).toHaveCount(0);
  await expect(desk.getByRole('heading', { name: 'Decide', exact: true }), 'focus stays near where it was').toBeFocused();
  await desk.getByRole('radio', { name: 'Fully favorable' }).check();
  await desk.getByRole('textbox', { name: 'Reasons' }).fill('The note supports the service.');
  await press(desk, button(desk, 'Decide'));
  await expect(desk.getByRole('heading', { name: 'Decision: Fully favorable' })).toBeVisible();
  await expect(h1(desk)).toBeFocused();
});

test('another e-mail address at the first log-in', async ({ page }) => {
  const user = makeUser();
  sql(`UPDATE connex.user_account SET email_verified_at = NULL WHERE user_id = :'user_id';`, { user_id: user.user_id });
  await page.goto('/');
  await typePassword(page, user);
  await standing(page, 'Verify your e-mail address');
  await press(page, button(page, 'Change e-mail address'));
  await expect(page.getByRole('heading', { name: 'Change the e-mail address' })).toBeFocused();
  await look(page, 'verify-e-mail-change-focus');
  await press(page, button(page, 'Cancel'));
  await expect(h1(page)).toBeFocused();
});
