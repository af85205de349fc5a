// An account: the attestation, the four steps, the first log-in with e-mail verification and the security code of the day, the
// warning before the session's end, and a forgotten user ID or password (REG, EML, MFA, LOCK, SES, FGT).
// SPDX-License-Identifier: Apache-2.0
import { allMailTo, codeIn, mailAfter, mailTo, one, sql, userOf, wrongCode } from './helper/instance.mjs';
import { makeAccount, makeOffice, makeUser, newUserId, password } from './helper/people.mjs';
import {
  enter, expect, expectFaults, logIn, logOut, look, move, openMenu, standing, test, typePassword,
} from './helper/screens.mjs';

const box = (page, name) => page.getByRole('textbox', { name, exact: true });
const next = (page) => page.getByRole('button', { name: 'Next' }).click();
const exists = (user_id) => one(`SELECT count(*)::int AS n FROM connex.user_account WHERE user_id = :'user_id'`, { user_id }).n === 1;

/** The person of these tests: registered in the second one, logged in from then on. */
const person = { user_id: newUserId(), first_name: 'Henrietta', last_name: 'Applewhite', password };
person.email = `${person.user_id.toLowerCase()}@e2e.example`;

test('nothing opens after declining the attestation (REG-01)', async ({ page, context }) => {
  await page.goto('/');
  await standing(page, 'Connex provider portal');
  await look(page, 'landing');
  await move(page, /Attestation|government|Notice/i, () => page.getByRole('link', { name: 'Create account' }).click());
  await look(page, 'attestation');
  await page.getByRole('link', { name: 'Do not accept' }).click();
  await standing(page, 'Connex provider portal');
  await page.goto('/create-account/business');
  await expect(page.getByRole('link', { name: 'Do not accept' })).toBeVisible();

  await page.goto('/');
  await typePassword(page, userOf('DESK004'), { attest: false });
  await expect(page.getByRole('dialog')).toBeVisible();
  await look(page, 'attestation-dialog');
  await page.getByRole('dialog').getByRole('button', { name: 'Do not accept' }).click();
  await expectFaults(page, ['only after you accept the attestation']);
  expect(await context.cookies(), 'no session was begun').toEqual([]);
});

test.describe.serial('a new person', () => {
  test('four steps: errors, Back, Cancel, an error from the server, Finish (REG-02 to REG-14)', async ({ page, refusals }) => {
    refusals.add(422).add(409);
    const account = makeAccount();
    await page.goto('/create-account');
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await standing(page, 'Create account: Account');
    await look(page, 'create-account-1');

    await test.step('errors are listed, take focus, and lead to their fields', async () => {
      await box(page, 'User ID').fill('ABC1234');
      await box(page, 'Password').fill('short');
      await next(page);
      await expectFaults(page, ['four letters and three digits', 'at least 15 characters', 'password again']);
      await look(page, 'create-account-1-faults');
      await expect(box(page, 'User ID')).toHaveValue('ABC1234');
    });

    const taken = userOf('DESK004').user_id;
    const fillAccount = async (user_id) => {
      await box(page, 'User ID').fill(user_id);
      await box(page, 'Password').fill(person.password);
      await box(page, 'Confirm password').fill(person.password);
      await next(page);
      await standing(page, 'Create account: Individual');
    };
    await fillAccount(taken.toLowerCase()); // cleaned, not rejected
    const fillIndividual = async () => {
      await box(page, 'First name').fill(person.first_name);
      await box(page, 'Last name').fill(person.last_name);
      await page.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Billing' });
      await box(page, 'Work phone (optional)').fill('(207) 555-0142 x12');
      await box(page, 'E-mail address').fill(` ${person.email} `);
      await box(page, 'Confirm e-mail address').fill(person.email);
    };

    await test.step('Back keeps what was entered, and Cancel drops it', async () => {
      await fillIndividual();
      await next(page);
      await standing(page, 'Create account: Business');
      await expect(page.locator('h1')).toBeFocused();
      await page.getByRole('button', { name: 'Back' }).click();
      await standing(page, 'Create account: Individual');
      await expect(box(page, 'First name')).toHaveValue(person.first_name);
      await expect(box(page, 'Confirm e-mail address')).toHaveValue(person.email);
      await look(page, 'create-account-2');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await standing(page, 'Connex provider portal');
      await page.getByRole('link', { name: 'Create account' }).click();
      await standing(page, 'Create account: Account');
      await expect(box(page, 'User ID')).toHaveValue('');
    });

    await fillAccount(taken);
    await next(page);
    await expectFaults(page, ['first name', 'last name', 'role', 'e-mail']);
    await look(page, 'create-account-2-faults');
    await fillIndividual();
    await next(page);
    await standing(page, 'Create account: Business');

    await test.step('an LSO must enter the payment (REG-12), everyone else the CSN', async () => {
      await page.getByRole('radio', { name: 'No' }).check();
      await expect(page.getByRole('textbox', { name: 'CSN' })).toBeVisible();
      await expect(page.getByRole('textbox', { name: 'Check or EFT number' })).toHaveCount(0);
      await page.getByRole('radio', { name: 'Yes' }).check();
      await expect(page.getByRole('textbox', { name: 'CSN' })).toHaveCount(0);
      await box(page, 'NPI').fill('1234567890');
      await next(page);
      await expectFaults(page, ['This is not an NPI', 'PTAN', 'five digits', 'line of business', 'state', 'at least one function', 'check or EFT']);
      await look(page, 'create-account-3');
    });

    await box(page, 'NPI').fill(account.npi.replace(/(\d{4})(\d{3})/, '$1-$2 '));
    await box(page, 'PTAN').fill(account.ptan.toLowerCase());
    await box(page, 'Last five digits of the TIN').fill(account.tin_last5);
    await page.getByRole('combobox', { name: 'Line of business' }).selectOption({ label: 'Part B' });
    await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'Maine' });
    for (const name of ['Claims', 'Eligibility Lookup']) await page.getByRole('checkbox', { name }).check();
    await box(page, 'Check or EFT number').fill(account.check_number);
    await box(page, 'Check or EFT amount').fill('$1.00');
    await next(page);
    await standing(page, 'Create account: review and finish');
    await look(page, 'create-account-4');

    await test.step('an error from the server leads back to its step', async () => {
      await page.getByRole('button', { name: 'Finish' }).click();
      await standing(page, 'Create account: Account');
      await expectFaults(page, ['This User ID is taken']);
      await expect(box(page, 'User ID')).toHaveValue(taken);
      expect(exists(person.user_id), 'nothing is created before Finish (REG-10)').toBe(false);
      await fillAccount(person.user_id);
      await next(page);
      await standing(page, 'Create account: Business');
      await next(page);
      await standing(page, 'Create account: review and finish');
      await page.getByRole('button', { name: 'Finish' }).click(); // the amount is wrong: LSO-03, one neutral message
      await standing(page, 'Create account: Business');
      await expectFaults(page, [/check|EFT|payment/i]);
      await expect(page.locator('.c-summary'), 'it does not say which of the two is wrong').not.toContainText(/amount is|number is/i);
      expect(exists(person.user_id)).toBe(false);
      await box(page, 'Check or EFT amount').fill(`$${account.check_amount}`);
      await next(page);
    });

    await standing(page, 'Create account: review and finish');
    await page.getByRole('button', { name: 'Finish' }).click();
    await expect(page.getByText('Your account has been created')).toBeVisible();
    await look(page, 'account-created');
    const made = one(`SELECT first_name, last_name, lower(email) AS email, email_verified_at, work_phone, email_updates,
        (SELECT json_agg(json_build_object('status', status, 'lso_requested', lso_requested, 'lso', lso, 'functions', functions))
           FROM connex.access WHERE user_account_id = u.user_account_id) AS access
      FROM connex.user_account u WHERE user_id = :'user_id'`, person);
    expect(made).toMatchObject({ first_name: person.first_name, last_name: person.last_name, email: person.email, email_verified_at: null,
      email_updates: true, access: [{ status: 'requested', lso_requested: true, lso: false, functions: [] }] });
  });

  test('first log-in: LOCK-01, LOCK-02, verification, Change e-mail, security code (EML-01, EML-02, MFA-01)', async ({ page, refusals }) => {
    refusals.add(401).add(422);
    await page.goto('/');
    const wrong = { ...person, password: `${person.password}!` };
    await typePassword(page, wrong);
    await expectFaults(page, [/User ID (and\/)?or password/i]);
    await expect(box(page, 'User ID')).toHaveValue(person.user_id);
    await typePassword(page, wrong, { attest: false });
    await expectFaults(page, [/Local Security Officer/]);
    await expect(page.getByRole('main').getByRole('link', { name: 'Can’t log in' })).toBeVisible();
    await look(page, 'log-in-refused');

    await typePassword(page, person, { attest: false });
    await standing(page, 'Verify your e-mail address');
    await look(page, 'verify-e-mail');
    await page.goto('/account/tokens'); // nothing else opens (EML-01)
    await standing(page, 'Verify your e-mail address');

    const old = codeIn(await mailAfter(person.email, /Confirmation/, () => page.getByRole('button', { name: /^Send .*code$/ }).click()));
    await expect(page.getByText('The code was sent')).toBeVisible();
    await page.getByRole('textbox', { name: /code/i }).fill(wrongCode(old));
    await page.getByRole('button', { name: /^Verify/ }).click();
    await expectFaults(page, ['code']);

    await test.step('Change e-mail: the code goes to the new address, and the old code is void (EML-02)', async () => {
      await page.getByRole('button', { name: /Change e-mail/ }).click();
      const address = `new-${person.email}`;
      await page.getByRole('textbox', { name: 'New e-mail address' }).fill(address);
      await look(page, 'verify-e-mail-change');
      const mail = await mailAfter(address, /Confirmation/, () => page.getByRole('button', { name: /^Update/ }).click());
      person.email = address;
      await expect(page.getByText(address)).toBeVisible();
      await page.getByRole('textbox', { name: /code/i }).fill(old);
      await page.getByRole('button', { name: /^Verify/ }).click();
      await expectFaults(page, ['code']);
      const code = codeIn(mail);
      await page.getByRole('textbox', { name: /code/i }).fill(`${code.slice(0, 3)} ${code.slice(3)}`); // as people paste it
      await page.getByRole('button', { name: /^Verify/ }).click();
    });

    await standing(page, 'Security code');
    await expect(page.locator('h1')).toBeFocused();
    await look(page, 'security-code');
    const code = codeIn(await mailAfter(person.email, /Your Security Code/, () => page.getByRole('button', { name: /^Send .*code$/ }).click()));
    await page.getByRole('textbox', { name: 'Security code' }).fill(wrongCode(code));
    await page.getByRole('button', { name: 'Verify code' }).click();
    await expectFaults(page, ['ode']);
    await page.goto('/home'); // with the password only, no page works (MFA-01)
    await standing(page, 'Security code');
    await page.getByRole('textbox', { name: 'Security code' }).fill(code);
    await page.getByRole('button', { name: 'Verify code' }).click();
    await standing(page, `Welcome, ${person.first_name} ${person.last_name}`);
      await look(page, 'home-first');
    person.code = code;

    await test.step('the next log-in goes straight to the security code, and the code of the day still works (EML-03, MFA-03)', async () => {
      await logOut(page, person);
      await expect(page.getByText('You have been logged out')).toBeVisible();
      await look(page, 'logged-out');
      await typePassword(page, wrong, { attest: false });
      await expectFaults(page, [/User ID (and\/)?or password/i]); // the successful log-in reset the count
      await typePassword(page, person, { attest: false });
      await standing(page, 'Security code');
      await page.getByRole('textbox', { name: 'Security code' }).fill(person.code);
      await page.getByRole('button', { name: 'Verify code' }).click();
      await standing(page, /^Welcome/);
      await expect(page.getByText('1 failed attempt')).toBeVisible(); // AC-9
    });

    await test.step('after logging out, Back shows nothing of the person', async () => {
      await page.goto('/account');
      await standing(page, 'Profile');
      await logOut(page, person);
      await page.goBack();
      await expect(page.getByRole('textbox', { name: 'Password', exact: true })).toBeVisible();
      await expect(page.getByText(person.email)).toHaveCount(0);
    });
  });
});

test('a warning before the session ends, extending it, its end, and the log-in back to the same page (SES-01)', async ({ page, refusals }) => {
  refusals.add(401);
  const { user, base } = makeOffice();
  const idle = (words) => sql(`UPDATE connex.session SET last_seen_at = connex.now() - :'words'::interval
    WHERE user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'user_id');`, { words, user_id: user.user_id });
  await page.goto('/');
  await logIn(page, user);
  await standing(page, /^Welcome/);
  await page.goto(`${base}/claims?status=denied`);
  await standing(page, 'Claims');
  await page.getByRole('textbox', { name: /Claim number/ }).fill('77');

  const warning = page.getByRole('dialog', { name: 'Your session will end soon' });
  idle('13 minutes 20 seconds');
  await page.goto('/help');
  await expect(warning).toBeVisible();
  await expect(warning.getByRole('button', { name: 'Stay logged in' })).toBeVisible();
  await look(page, 'session-warning');
  await warning.getByRole('button', { name: 'Stay logged in' }).click();
  await expect(warning).toBeHidden();
  const left = one(`SELECT extract(epoch FROM connex.now() - last_seen_at)::int AS idle FROM connex.session JOIN connex.user_account USING (user_account_id)
    WHERE user_id = :'user_id'`, user).idle;
  expect(left, 'the server was told').toBeLessThan(60);

  idle('14 minutes 50 seconds');
  await page.goto('/help');
  await expect(page.getByText('Your session has ended')).toBeVisible({ timeout: 25_000 });
  await look(page, 'session-ended-open-page');

  await typeBackIn(page, user, `${base}/claims?status=denied`);
  await test.step('after a session has ended, the next page says so and keeps its address', async () => {
    sql(`DELETE FROM connex.session WHERE user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'user_id');`, user);
    await page.getByRole('link', { name: 'Remittances' }).click();
    await expect(page.getByText('Your session has ended')).toBeVisible();
    await standing(page, 'Log in to continue');
    await look(page, 'session-ended');
    await logIn(page, user, { attest: false });
    await standing(page, 'Remittances');
    expect(new URL(page.url()).pathname).toBe(`${base}/remittances`);
  });
});

async function typeBackIn(page, user, path) {
  await page.goto(path);
  await standing(page, 'Log in to continue');
  await logIn(page, user, { attest: false });
  await standing(page, 'Claims');
  expect(page.url()).toContain(path);
}

test('can\'t log in: the user ID and a new password by mail (FGT-01 to FGT-04)', async ({ page, refusals }) => {
  refusals.add(401).add(422);
  const user = makeUser({ first_name: 'Cornelius' });
  await page.goto('/');
  await move(page, 'Can’t log in', () => page.getByRole('main').getByRole('link', { name: 'Can’t log in' }).click());
  await look(page, 'cant-log-in');
  await move(page, 'I forgot my user ID', () => page.getByRole('link', { name: /forgot my user ID/ }).click());
  await look(page, 'forgot-user-id');
  const ask = async (address) => {
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(address);
    await page.getByRole('button', { name: 'Send my user ID' }).click();
    await expect(page.getByText('Check your e-mail')).toBeVisible();
    return page.getByRole('main').innerText();
  };
  const known = await ask(user.email.toUpperCase());
  expect((await mailTo(user.email, /User ID/)).text).toContain(user.user_id);
  await page.goto('/cant-log-in/user-id');
  const unknown = await ask(`nobody-${user.email}`);
  expect(unknown, 'the same words for an address that nobody has').toBe(known);
  expect(await allMailTo(`nobody-${user.email}`)).toEqual([]);

  await page.goto('/cant-log-in');
  await page.getByRole('link', { name: /forgot my password/ }).click();
  await standing(page, 'Change your password');
  await look(page, 'forgot-password');
  await page.getByRole('button', { name: /^Show/ }).click(); // FGT-04
  await expect(page.locator('input[name=user_id]')).toHaveAttribute('type', 'text');
  await page.getByRole('textbox', { name: 'User ID' }).fill(user.user_id);
  const code = codeIn(await mailAfter(user.email, /code/i, () => page.getByRole('button', { name: 'Send me a code' }).click()));
  await standing(page, 'Choose a new password');
  await look(page, 'new-password');
  const fresh = 'a different horse altogether';
  const set = async (given) => {
    await page.getByRole('textbox', { name: /^Code/ }).fill(given);
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill(fresh);
    await page.getByRole('textbox', { name: 'Confirm new password' }).fill(fresh);
    await page.getByRole('button', { name: 'Set new password' }).click();
  };
  await set(wrongCode(code));
  await expectFaults(page, ['ode']);
  await set(code);
  await expect(page.getByText('Your password has been changed')).toBeVisible();
  await typePassword(page, user);
  await expectFaults(page, [/User ID (and\/)?or password/i]);
  user.password = fresh;
  await logIn(page, user, { attest: false });
  await standing(page, /^Welcome, Cornelius/);
});

test('manage account: profile and password', async ({ page, refusals }) => {
  refusals.add(422);
  const user = makeUser({ first_name: 'Ottoline' });
  await enter(page, user);
  await standing(page, /^Welcome/);
  await openMenu(page, user);
  await move(page, 'Profile', () => page.getByRole('link', { name: 'Manage account' }).last().click());
  await look(page, 'profile');
  await page.getByRole('button', { name: 'Edit profile' }).click();
  await box(page, 'Last name').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expectFaults(page, ['last name']);
  await look(page, 'profile-edit');
  await box(page, 'Last name').fill('Marchbanks');
  await page.getByRole('combobox', { name: 'Time zone' }).selectOption({ label: 'Central' });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Your profile has been saved')).toBeVisible();
  expect(one(`SELECT last_name, time_zone FROM connex.user_account WHERE user_id = :'user_id'`, user))
    .toEqual({ last_name: 'Marchbanks', time_zone: 'America/Chicago' });

  await move(page, 'Change password', () => page.getByRole('link', { name: 'Password' }).click());
  await look(page, 'change-password');
  await box(page, 'Current password').fill('not this one at all');
  await box(page, 'New password').fill('yet another long horse');
  await box(page, 'Confirm new password').fill('yet another long horse');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expectFaults(page, ['assword']);
  await box(page, 'Current password').fill(user.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password has been changed')).toBeVisible();
  expect((await mailTo(user.email, /password was changed/)).text).toContain('Ottoline');
});
