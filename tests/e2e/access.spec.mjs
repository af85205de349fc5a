// Access, with four people: the first Local Security Officer requests it with a payment as proof, the contractor's analyst
// approves, the code from the letter activates the officer, and two more people in the office request access with the CSN. One
// gets fewer functions than requested, the other is declined with a reason (LSO-02 to LSO-12).
// SPDX-License-Identifier: Apache-2.0
import { allMailTo, codeIn, letterOf, mailAfter, mailTo, one } from './helper/instance.mjs';
import { makeAccount, makeUser, newUserId, password } from './helper/people.mjs';
import { enter, expect, expectFaults, look, standing, tabTo, test, turnTo, typePassword } from './helper/screens.mjs';

const box = (page, name) => page.getByRole('textbox', { name, exact: true });
const next = (page) => page.getByRole('button', { name: 'Next' }).click();
const account = makeAccount();
const newPerson = (first_name, last_name) => {
  const user_id = newUserId();
  return { user_id, first_name, last_name, password, email: `${user_id.toLowerCase()}@e2e.example` };
};
const officer = newPerson('Winnifred', 'Castlemaine');
const biller = newPerson('Barnaby', 'Quince');
const third = makeUser({ first_name: 'Lavinia', last_name: 'Peppercorn' });
const analyst = makeUser({ kind: 'analyst', first_name: 'Rosamond', last_name: 'Eastlake' });
const accessOf = (user) => one(`SELECT a.access_id, a.status, a.lso, a.functions, p.csn FROM connex.access a JOIN connex.user_account u USING (user_account_id)
  JOIN connex.provider_account p USING (provider_account_id) WHERE u.user_id = :'user_id'`, user);

/** Fills in the four steps without errors. */
async function register(page, person, request) {
  await page.goto('/create-account');
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await box(page, 'User ID').fill(person.user_id);
  await box(page, 'Password').fill(person.password);
  await box(page, 'Confirm password').fill(person.password);
  await next(page);
  await standing(page, 'Create account: Individual');
  await box(page, 'First name').fill(person.first_name);
  await box(page, 'Last name').fill(person.last_name);
  await page.getByRole('combobox', { name: 'Role' }).selectOption({ index: 1 });
  await box(page, 'E-mail address').fill(person.email);
  await box(page, 'Confirm e-mail address').fill(person.email);
  await next(page);
  await standing(page, 'Create account: Business');
  await fillAccess(page, request);
  await finish(page);
}
async function finish(page) {
  await next(page);
  await standing(page, 'Create account: review and finish');
  await page.getByRole('button', { name: 'Finish' }).click();
}
const created = (page) => expect(page.getByText('Your account has been created')).toBeVisible();

async function fillAccess(page, { lso, functions, csn }) {
  await page.getByRole('radio', { name: lso ? 'Yes' : 'No', exact: true }).check();
  await box(page, 'NPI').fill(account.npi);
  await box(page, 'PTAN').fill(account.ptan);
  await box(page, 'Last five digits of the TIN').fill(account.tin_last5);
  await page.getByRole('combobox', { name: 'Line of business' }).selectOption({ label: 'Part B' });
  await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'Maine' });
  for (const name of functions) await page.getByRole('checkbox', { name }).check();
  if (lso) {
    await box(page, 'Check or EFT number').fill(account.check_number);
    await box(page, 'Check or EFT amount').fill(account.check_amount);
  } else {
    await page.getByRole('textbox', { name: 'CSN' }).fill(csn);
  }
}

/** The first log-in: e-mail verification, then the security code. */
async function firstLogIn(page, person, { attest = false } = {}) {
  await typePassword(page, person, { attest });
  await standing(page, 'Verify your e-mail address');
  const code = codeIn(await mailAfter(person.email, /Confirmation/, () => page.getByRole('button', { name: /^Send .*code$/ }).click()));
  await page.getByRole('textbox', { name: /code/i }).fill(code);
  await page.getByRole('button', { name: /^Verify/ }).click();
  await standing(page, 'Security code');
  const today = codeIn(await mailAfter(person.email, /Your Security Code/, () => page.getByRole('button', { name: /^Send .*code$/ }).click()));
  await page.getByRole('textbox', { name: 'Security code' }).fill(today);
  await page.getByRole('button', { name: 'Verify code' }).click();
  await standing(page, `Welcome, ${person.first_name} ${person.last_name}`);
}

/** All API answers that a page gets, as one text in which a secret must not be. */
function answersOf(page) {
  const texts = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/v1/')) texts.push(response.text().catch(() => ''));
  });
  return async () => (await Promise.all(texts)).join('\n');
}
const plain = (text) => text.replace(/[^0-9A-Za-z]/g, '').toUpperCase();

let accessCode;
let csn;

test.describe.serial('access', () => {
  test('the first Local Security Officer requests access with a payment as proof (LSO-02, LSO-03, REG-13)', async ({ page, refusals }) => {
    refusals.add(403).add(404);
    await register(page, officer, { lso: true, functions: ['Provider Profile', 'Claims', 'Eligibility Lookup', 'Financials'] });
    await created(page);
    await firstLogIn(page, officer);
    await page.goto('/account/provider-access');
    await standing(page, 'My provider access');
    await expect(page.getByRole('row', { name: account.name })).toContainText('Requested');
    await look(page, 'provider-access-requested');
    await page.goto(`/provider-accounts/${account.provider_account_id}/claims`); // no function page opens before approval
    await expect(page.getByRole('main')).toContainText(/not|access/i);
    await expect(page.getByRole('main').getByRole('table')).toHaveCount(0);
    expect(accessOf(officer)).toMatchObject({ status: 'requested', lso: false, csn: null });
  });

  test('the analyst approves in the browser; the code is in the letter and nowhere else (LSO-04)', async ({ page }) => {
    const answers = answersOf(page);
    await enter(page, analyst);
    await standing(page, /^Welcome/);
    await look(page, 'home-analyst');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Access requests' }).click();
    await standing(page, 'Access requests');
    await look(page, 'desk-access');
    const decide = page.getByRole('button', { name: new RegExp(`Decide .*${account.name}`) });
    await turnTo(page, decide);
    await decide.click();
    await standing(page, 'Decide an access request');
    await expect(page.locator('h1')).toBeFocused();
    for (const words of [account.check_number, account.billing_street, officer.email]) await expect(page.getByRole('main')).toContainText(words);
    await look(page, 'desk-access-decide');
    await page.getByRole('button', { name: 'Decline' }).click(); // a reason is required
    await expectFaults(page, ['Enter a reason']);
    await page.getByRole('button', { name: 'Approve' }).click();
    await expect(page.getByText('The access code will be sent by letter')).toBeVisible();
    await expect(page.getByRole('button', { name: new RegExp(account.name) })).toHaveCount(0);

    const letter = await letterOf(account.ptan);
    expect(letter).toContain(account.billing_street);
    accessCode = letter.match(/\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b/)?.[0];
    expect(accessCode, 'the letter holds the code').toBeTruthy();
    await page.getByRole('combobox', { name: 'Status' }).selectOption('awaiting_code');
    await expect(page).toHaveURL(/awaiting_code/);
    await turnTo(page, page.getByRole('row', { name: account.name }));
    await expect(page.getByRole('row', { name: account.name })).toContainText('Waiting for the access code');
    for (const [where, text] of [['the screen', await page.content()], ['the API', await answers()],
      ['the mail', (await allMailTo(officer.email)).map((mail) => mail.text).join('\n')]]) {
      expect(plain(text), `${where} does not show the code`).not.toContain(plain(accessCode));
    }
    expect(accessOf(officer)).toMatchObject({ status: 'awaiting_code', lso: false, csn: null });
  });

  test('the officer enters a wrong code, then the right one, and sees the CSN (LSO-05 to LSO-07)', async ({ page, refusals }) => {
    refusals.add(422);
    const answers = answersOf(page);
    await enter(page, officer);
    await standing(page, /^Welcome/);
    await look(page, 'home-access-code');
    await page.getByRole('list', { name: 'Needs your attention' }).getByRole('link', { name: /access code/i }).click();
    await standing(page, 'Enter the access code');
    await look(page, 'access-code');
    const wrong = accessCode.replace(/[0-9A-Z]$/, (c) => (c === 'X' ? 'Y' : 'X'));
    await page.getByRole('textbox', { name: 'Access code' }).fill(wrong);
    await page.getByRole('button', { name: 'Activate' }).click();
    await expectFaults(page, ['ode']);
    expect(plain(await answers())).not.toContain(plain(accessCode));
    await page.getByRole('textbox', { name: 'Access code' }).fill(` ${accessCode.toLowerCase().replaceAll('-', ' ')} `);
    await page.getByRole('button', { name: 'Activate' }).click();
    await expect(page.getByText('You are now the Local Security Officer')).toBeVisible();
    await expect(page.getByRole('banner'), 'a person with one provider account does not have to choose it').toContainText(account.name);
    ({ csn } = accessOf(officer));
    expect(csn).toMatch(/^[0-9A-Z]{8,12}$/);
    await expect(page.getByRole('row', { name: account.name })).toContainText(csn);
    await expect(page.getByRole('row', { name: account.name })).toContainText('Approved');
    await look(page, 'provider-access-csn');
    await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'User management' })).toBeVisible();
  });

  test('a second person registers with the CSN; the officer and the person get e-mail (LSO-08, LSO-17)', async ({ page, refusals }) => {
    refusals.add(422);
    const wrong = csn.replace(/.$/, (c) => (c === '7' ? '8' : '7'));
    await register(page, biller, { lso: false, functions: ['Claims', 'Eligibility Lookup', 'Financials'], csn: wrong });
    await standing(page, 'Create account: Business');
    await expectFaults(page, ['not the CSN']);
    await page.getByRole('textbox', { name: 'CSN' }).fill(csn.toLowerCase());
    const toOfficer = await mailAfter(officer.email, /request for access waits/, async () => {
      await finish(page);
      await created(page);
    });
    expect(toOfficer.text).toContain(biller.last_name);
    expect((await mailTo(biller.email, /your request for access/)).text).toContain(account.name);
    for (const text of [toOfficer.text, (await mailTo(biller.email, /your request for access/)).text]) expect(text).not.toContain(csn);
    expect(accessOf(biller)).toMatchObject({ status: 'requested', functions: [] });
  });

  test('the officer clears a function and approves, with the keyboard only (LSO-11, LSO-12)', async ({ page }) => {
    await enter(page, officer);
    await standing(page, /^Welcome/);
    await look(page, 'home-lso');
    const attention = page.getByRole('list', { name: 'Needs your attention' }).getByRole('link').first();
    await tabTo(page, attention);
    await page.keyboard.press('Enter');
    await standing(page, 'User management');
    await expect(page.locator('h1')).toBeFocused();
    await look(page, 'user-management');
    await page.locator('h1').focus();
    await tabTo(page, page.getByRole('button', { name: new RegExp(`Decide .*${biller.last_name}`) }));
    await page.keyboard.press('Enter');
    await standing(page, 'Decide a request');
    await look(page, 'user-management-decide');
    await page.locator('h1').focus();
    await tabTo(page, page.getByRole('checkbox', { name: 'Claims' }));
    await page.keyboard.press('Space');
    await expect(page.getByRole('checkbox', { name: 'Claims' })).not.toBeChecked();
    await tabTo(page, page.getByRole('button', { name: 'Approve' }));
    const mail = await mailAfter(biller.email, /access was approved/, async () => {
      await page.keyboard.press('Enter');
      await expect(page.getByRole('main')).toContainText(`Approved: ${biller.first_name} ${biller.last_name}`);
    });
    expect(mail.text).toContain('Eligibility');
    expect(mail.text).not.toContain('Claims');
    expect(accessOf(biller)).toMatchObject({ status: 'approved', lso: false, functions: ['eligibility', 'financials'] });
  });

  test('the second person has no claims and no user management (FN-01, LSO-14)', async ({ page, refusals }) => {
    await page.goto('/');
    await firstLogIn(page, biller, { attest: true });
    await expect(page.getByRole('banner'), 'a person with one provider account does not have to choose it').toContainText(account.name);
    await page.goto('/provider-accounts');
    await standing(page, 'Choose a provider account');
    await expect(page.getByRole('row', { name: account.name })).toContainText('Chosen');
    await page.getByRole('button', { name: new RegExp(account.name) }).click();
    await expect(page.getByRole('banner')).toContainText(account.name);
    const areas = page.getByRole('navigation', { name: 'Main' });
    await expect(areas.getByRole('link')).toHaveText(['Home', 'Eligibility', 'Remittances', 'Manage account']);
    await areas.getByRole('link', { name: 'Eligibility' }).click();
    await standing(page, 'Eligibility');
    await expect(page.getByText('You do not have the')).toHaveCount(0);
    refusals.add(403);
    await page.goto(`/provider-accounts/${account.provider_account_id}/claims`);
    await standing(page, 'Claims');
    await expect(page.getByText('You do not have the Claims function here')).toBeVisible();
    await expect(page.getByRole('main').getByRole('table')).toHaveCount(0);
    await look(page, 'claims-403');
    await page.goto('/user-management');
    await expect(page.getByText('Only a Local Security Officer can manage users')).toBeVisible();
    await look(page, 'user-management-403');
    expect((await page.request.get(`/api/v1/provider-accounts/${account.provider_account_id}/claims/1`)).status()).toBe(403);
    expect((await page.request.post('/api/v1/user-management/access-searches', { data: {} })).status()).toBe(403);
  });

  test('a declined request shows the reason to the person (LSO-12)', async ({ page, another, refusals }) => {
    refusals.add(422);
    await enter(page, third, '/account/request-access');
    await standing(page, 'Request access');
    await fillAccess(page, { lso: false, functions: ['Claims'], csn });
    await look(page, 'request-access');
    await page.getByRole('button', { name: 'Send request' }).click();
    await expect(page.getByText('Your request was sent')).toBeVisible();

    const desk = await another();
    await enter(desk, officer, '/user-management?status=requested');
    await standing(desk, 'User management');
    await desk.getByRole('button', { name: new RegExp(`Decide .*${third.last_name}`) }).click();
    await desk.getByRole('button', { name: 'Decline' }).click();
    await expectFaults(desk, ['Enter a reason']);
    const reason = 'Please ask for Eligibility Lookup only; claims are done by the billing office.';
    await desk.getByRole('textbox', { name: /Comment/ }).fill(reason);
    const mail = await mailAfter(third.email, /was declined/, () => desk.getByRole('button', { name: 'Decline' }).click());
    expect(mail.text).toContain(account.name);
    await expect(desk.getByRole('main')).toContainText(`Declined: ${third.first_name} ${third.last_name}`);
    await expect(desk.getByRole('row', { name: third.last_name })).toHaveCount(0);

    await page.goto('/account/provider-access');
    await standing(page, 'My provider access');
    await expect(page.getByRole('row', { name: account.name })).toContainText('Declined');
    await expect(page.getByRole('row', { name: account.name })).toContainText(reason);
    await look(page, 'provider-access-declined');
  });

  test('access that is removed is gone with the next request (LSO-13)', async ({ page, another, refusals }) => {
    refusals.add(403).add(404); // 404: he no longer has access to the chosen account
    await enter(page, officer, '/user-management?status=approved');
    await standing(page, 'User management');
    const desk = await another();
    await enter(desk, biller, `/provider-accounts/${account.provider_account_id}/remittances`);
    await standing(desk, 'Remittances');
    await page.getByRole('button', { name: new RegExp(`Change .*${biller.last_name}`) }).click();
    await standing(page, 'Change access');
    await look(page, 'user-management-change');
    await page.getByRole('button', { name: 'Remove access' }).click();
    await expect(page.getByRole('main')).toContainText(`Removed: ${biller.first_name} ${biller.last_name}`);
    await desk.reload();
    await expect(desk.getByRole('main')).toContainText(/access|function/i);
    await expect(desk.getByRole('main').getByRole('table')).toHaveCount(0);
    expect((await desk.request.get(`/api/v1/provider-accounts/${account.provider_account_id}/remittances`)).status()).toBe(403);
  });
});
