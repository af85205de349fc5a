// What a tab keeps and what it drops: unsent text belongs to the person who typed it, is kept when a session ends, and is gone
// after Log out and for everybody else. The tabs of a browser log in and out together, and closing a tab with unsent text asks.
// SPDX-License-Identifier: Apache-2.0
import { one, pdf, sql } from './helper/instance.mjs';
import { grant, makeDeniedClaim, makeOffice, makeUser, newUserId, password } from './helper/people.mjs';
import { enter, expect, logIn, logOut, standing, test } from './helper/screens.mjs';

const box = (page, name) => page.getByRole('textbox', { name });
const reason = (page) => box(page, 'I do not agree');
const files = (page) => page.getByRole('list', { name: 'Selected files' });

/** Two people in one office, and a denied claim that either can appeal. */
function makeTwo() {
  const { account, user: first, base } = makeOffice(['claims']);
  const second = makeUser({ first_name: 'Seconda' });
  grant(second, account, ['claims']);
  const claim = makeDeniedClaim(account);
  return { first, second, claim, base, filing: `${base}/claims/${claim.claim_id}/redetermination` };
}
/** Ends the session on the server, as after inactivity. */
const endSession = (user) => sql(`DELETE FROM connex.session
  WHERE user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'user_id');`, { user_id: user.user_id });

async function type(page, words) {
  await box(page, 'Requester’s telephone number').fill('(207) 555-0142');
  await reason(page).fill(words);
  await page.locator('input[type=file]').setInputFiles({ name: 'office note.pdf', mimeType: 'application/pdf', buffer: pdf(words) });
}
async function expectEmpty(page, user) {
  await standing(page, 'File a redetermination');
  await expect(reason(page)).toHaveValue('');
  await expect(files(page)).toHaveCount(0);
  await expect(box(page, 'Requester’s full name')).toHaveValue(`${user.first_name} ${user.last_name}`);
}

test('unsent text comes back to the person who typed it after the session ended, and to nobody else', async ({ page, refusals }) => {
  refusals.add(401);
  const { first, second, filing } = makeTwo();
  await enter(page, first, filing);
  await standing(page, 'File a redetermination');
  await type(page, 'Written by the first person.');
  const fileIt = async () => {
    await page.getByRole('button', { name: 'Continue to review' }).click();
    await page.getByRole('button', { name: 'File the redetermination' }).click();
    await standing(page, 'Log in to continue');
  };
  endSession(first);
  await fileIt();
  await logIn(page, first);
  await standing(page, 'File a redetermination');
  await expect(reason(page), 'the same person goes on writing').toHaveValue('Written by the first person.');
  await expect(files(page)).toContainText('office note.pdf');

  endSession(first);
  await fileIt();
  await logIn(page, second, { attest: false });
  await expectEmpty(page, second);

  await test.step('after Log out it does not come back even to the same person: it could be anybody at the desk', async () => {
    await type(page, 'Written by the second person.');
    await logOut(page, second);
    await page.goBack();
    await standing(page, 'Log in to continue');
    await logIn(page, second, { attest: false });
    await expectEmpty(page, second);
  });
});

test('the next person does not see the Medicare Number of a search', async ({ page, refusals }) => {
  refusals.add(401);
  const { first, second, claim, base } = makeTwo();
  await enter(page, first, `${base}/claims`);
  await standing(page, 'Claims');
  await box(page, 'Medicare Number').fill(claim.mbi);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  endSession(first);
  await page.getByRole('button', { name: 'Download all as CSV' }).click();
  await standing(page, 'Log in to continue');
  await logIn(page, second);
  await standing(page, 'Claims');
  await expect(box(page, 'Medicare Number')).toHaveValue('');
});

test('tabs of one browser: Log out in one empties the other at once; another person\'s log-in takes both over', async ({ page, context, refusals }) => {
  refusals.add(401);
  const { first, second, claim, base, filing } = makeTwo();
  await enter(page, first, '/home');
  await standing(page, /^Welcome/);
  const other = await context.newPage();
  await other.goto(`${base}/claims/${claim.claim_id}`);
  await standing(other, `Claim ${claim.control_no}`);
  await expect(other.getByRole('main')).toContainText(claim.mbi);
  const asked = [];
  other.on('request', (request) => asked.push(request.url()));
  await logOut(page, first);
  await standing(other, 'Log in to continue');
  expect(await other.content(), 'nothing of the patient is left').not.toContain(claim.mbi);
  expect(asked, 'without a question to the server').toEqual([]);

  await logIn(page, first, { attest: true });
  await standing(page, /^Welcome/);
  await standing(other, `Claim ${claim.control_no}`);

  await test.step('a session that ended ends in each tab, and what was typed there stays', async () => {
    await other.getByRole('link', { name: 'File a redetermination' }).click();
    await standing(other, 'File a redetermination');
    await type(other, 'Written in the second tab.');
    endSession(first);
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Redeterminations' }).click();
    await standing(page, 'Log in to continue');
    await standing(other, 'Log in to continue');
    await logIn(page, first, { attest: false });
    await standing(page, 'Redeterminations');
    await standing(other, 'File a redetermination');
    await expect(reason(other)).toHaveValue('Written in the second tab.');
  });
  await test.step('another person logs in in the first tab: the second is that person\'s too', async () => {
    endSession(first);
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Claims' }).click();
    await standing(page, 'Log in to continue');
    await logIn(page, second, { attest: false });
    await standing(page, 'Claims');
    await expect(other.getByRole('banner')).toContainText('Seconda');
    expect(new URL(other.url()).pathname).toBe(filing);
    await expectEmpty(other, second);
  });
});

test('a tab that is looked at again after a while asks whether the session is still valid, without extending it', async ({ page, refusals }) => {
  refusals.add(401);
  const { first, claim, base } = makeTwo();
  await enter(page, first, `${base}/claims/${claim.claim_id}`);
  await standing(page, `Claim ${claim.control_no}`);
  const seen = () => one(`SELECT last_seen_at FROM connex.session JOIN connex.user_account USING (user_account_id) WHERE user_id = :'user_id'`, first).last_seen_at;
  const away = (minutes) => page.evaluate((ms) => { // another tab is looked at for this long
    const show = (state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    };
    show('hidden');
    const now = Date.now.bind(Date);
    Date.now = () => now() + ms;
    show('visible');
  }, minutes * 60_000);
  const before = seen();
  const [answer] = await Promise.all([page.waitForResponse(/\/api\/v1\/session$/), away(2)]);
  expect(answer.status()).toBe(200);
  expect(seen(), 'looking is not using').toBe(before);
  endSession(first);
  await away(2);
  await standing(page, 'Log in to continue');
  await expect(page.getByText('Your session has ended')).toBeVisible();
});

/** Closes the tab as a person does; true when the browser asks first (and the person stays). */
async function asksBeforeClosing(page) {
  const asked = new Promise((done) => {
    page.once('dialog', (dialog) => { done(dialog.type()); dialog.dismiss(); });
    page.once('close', () => done('closed'));
  });
  await page.close({ runBeforeUnload: true });
  return await asked === 'beforeunload';
}

test('closing the tab asks first while an appeal is unsent', async ({ page }) => {
  const { first, filing } = makeTwo();
  await enter(page, first, filing);
  await standing(page, 'File a redetermination');
  await reason(page).click(); // browsers ask only after the person has used the page
  await reason(page).pressSequentially('Not sent yet.');
  await box(page, 'Requester’s telephone number').fill('(207) 555-0142');
  expect(await asksBeforeClosing(page)).toBe(true);
  await expect(reason(page)).toHaveValue('Not sent yet.');
  await page.getByRole('button', { name: 'Continue to review' }).click();
  await standing(page, 'Review your redetermination');
  expect(await asksBeforeClosing(page), 'at the last step too').toBe(true);
  await page.getByRole('button', { name: 'File the redetermination' }).click();
  await expect(page.getByText('Your redetermination was received')).toBeVisible();
  expect(await asksBeforeClosing(page), 'sent: there is nothing to lose').toBe(false);
});

test('registration: closing the tab asks first; a step that cannot be shown yet is not in the address', async ({ page }) => {
  await page.goto('/create-account');
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.getByRole('textbox', { name: 'User ID', exact: true }).fill(newUserId());
  for (const name of ['Password', 'Confirm password']) await page.getByRole('textbox', { name, exact: true }).fill(password);
  expect(await asksBeforeClosing(page)).toBe(true);
  await page.getByRole('button', { name: 'Next' }).click();
  await standing(page, 'Create account: Individual');
  await expect(page).toHaveURL(/\/create-account\/individual$/);
  await page.reload(); // drops what was entered, because it is kept in memory only
  await standing(page, 'Create account: Account');
  await expect(page).toHaveURL(/\/create-account\/account$/);
  await page.goto('/create-account/finish');
  await standing(page, 'Create account: Account');
  await expect(page).toHaveURL(/\/create-account\/account$/);
  await page.getByRole('textbox', { name: 'User ID', exact: true }).fill(newUserId());
  await page.getByRole('button', { name: 'Cancel' }).click();
  await standing(page, 'Connex provider portal');
  expect(await asksBeforeClosing(page), 'canceled: there is nothing to lose').toBe(false);
});
