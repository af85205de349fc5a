// Lookups in the demonstration data: a provider account that stays chosen, eligibility, claims and their CSV, a claim on the
// screen, on paper, and in forced colors, and its remittance.
// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { demo, one, results, rows } from './helper/instance.mjs';
import { grant, makeUser } from './helper/people.mjs';
import { enter, expect, expectFaults, logIn, logOut, look, move, standing, test } from './helper/screens.mjs';

const box = (page, name) => page.getByRole('textbox', { name });
const accounts = rows(`SELECT provider_account_id::text, name, ptan, npi FROM connex.provider_account WHERE provider_account_id <= 3 ORDER BY provider_account_id`);
const areas = (page) => page.getByRole('navigation', { name: 'Main' });
const money = (amount) => `$${Number(amount).toLocaleString('en-US', { minimumFractionDigits: 2 })}`;

function biller(first_name) {
  const user = makeUser({ first_name });
  for (const account of accounts) grant(user, account);
  return user;
}
/** A download's text. */
async function saved(page, act) {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}
const lines = (csv) => csv.replace(/^\uFEFF/, '').trimEnd().split(/\r\n/);

test('a provider account is searched, chosen, and stays chosen', async ({ page }) => {
  const user = biller('Philippa');
  const second = accounts[1];
  await page.goto('/');
  await logIn(page, user);
  await standing(page, /^Welcome/);
  await areas(page).getByRole('link', { name: 'Claims' }).click();
  await standing(page, 'Choose a provider account');
  await look(page, 'provider-accounts');
  await page.getByRole('search').getByRole('textbox').fill(second.ptan);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  expect(page.url(), 'what is typed stays out of the address').not.toContain(second.ptan);
  await move(page, 'Claims', () => page.getByRole('button', { name: new RegExp(`${second.name}.*${second.ptan}`) }).click());
  await expect(page.getByRole('banner')).toContainText(second.name);
  await logOut(page, user);
  await expect(page.getByRole('banner')).not.toContainText(second.name);
  await logIn(page, user, { attest: false });
  await standing(page, /^Welcome/);
  await expect(page.getByRole('banner')).toContainText(second.name);
  await expect(areas(page).getByRole('link', { name: 'Eligibility' })).toHaveAttribute('href', `/provider-accounts/${second.provider_account_id}/eligibility`);
  await page.getByRole('banner').getByRole('link', { name: /Change/ }).click();
  await standing(page, 'Choose a provider account');
  await page.getByRole('button', { name: new RegExp(accounts[0].ptan) }).click();
  await expect(page.getByRole('banner')).toContainText(accounts[0].name);
});

test('eligibility: pasted spaces and dashes are cleaned, and no match is reported in plain words', async ({ page, refusals }) => {
  refusals.add(422);
  const person = demo.examples.beneficiaries[0];
  const base = `/provider-accounts/${accounts[0].provider_account_id}`;
  await enter(page, biller('Rosamund'), `${base}/eligibility`);
  await standing(page, 'Eligibility');
  await look(page, 'eligibility');
  await page.getByRole('button', { name: 'Look up' }).click();
  await expectFaults(page, ['Medicare Number', 'last name', 'first name', 'date of birth']);
  await look(page, 'eligibility-faults');

  const [year, month, day] = person.birth_on.split('-');
  await box(page, 'Medicare Number').fill(` ${person.mbi.slice(0, 4).toLowerCase()}-${person.mbi.slice(4, 7)}\u2013${person.mbi.slice(7)}\u00a0`);
  await box(page, 'Last name').fill(`${person.last_name.toLowerCase()} `);
  await box(page, 'First name').fill(person.first_name[0]);
  await box(page, 'Date of birth').fill(`${Number(month)}/${Number(day)}/${year}`);
  await page.getByRole('button', { name: 'Look up' }).click();
  const answer = page.getByRole('region', { name: new RegExp(`${person.first_name} ${person.last_name}`) });
  await expect(answer).toBeFocused();
  await expect(answer).toContainText(person.mbi);
  for (const words of ['Part A', 'Part B']) await expect(answer.getByRole('heading', { name: words }).first()).toBeVisible();
  await expect(answer).toContainText(/deductible/i);
  expect(page.url(), 'nothing of the person in the address').toMatch(/\/eligibility$/);
  await look(page, 'eligibility-found');

  await page.getByRole('button', { name: 'Next patient' }).click();
  await expect(box(page, 'Medicare Number')).toHaveValue('');
  await expect(answer).toHaveCount(0);
  await box(page, 'Medicare Number').fill(person.mbi);
  await box(page, 'Last name').fill(person.last_name);
  await box(page, 'First name').fill(person.first_name);
  await box(page, 'Date of birth').fill(`${month}/${day}/${Number(year) + 1}`);
  await page.getByRole('button', { name: 'Look up' }).click();
  await expect(page.getByRole('region', { name: 'No match' })).toBeFocused();
  await expect(page.getByRole('region', { name: 'No match' })).not.toContainText(/[a-z]+_[a-z]+|4\d\d|error/);
  await look(page, 'eligibility-no-match');
});

test('claims: filters, Back, a claim by its number, and the CSV of what was found', async ({ page, refusals }) => {
  refusals.add(422);
  const id = accounts[0].provider_account_id;
  const base = `/provider-accounts/${id}`;
  await enter(page, biller('Theodora'), `${base}/claims`);
  await standing(page, 'Claims');
  await expect(page.getByRole('table')).toBeVisible();
  await look(page, 'claims');
  await box(page, 'Service from').fill('05/01/2026');
  await box(page, 'Service to').fill('01/31/2026');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expectFaults(page, ['The last date is before the first']);
  await box(page, 'Service from').fill('');
  await box(page, 'Service to').fill('');

  await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Denied' });
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page).toHaveURL(/status=denied/);
  const denied = rows(`SELECT control_no, mbi FROM connex.claim WHERE provider_account_id = :'id'::bigint AND status = 'denied' ORDER BY from_on DESC, claim_id DESC`, { id });
  await expect(page.getByRole('row').nth(1)).toContainText(denied[0].control_no);
  await expect(page.getByRole('cell', { name: 'Paid', exact: true })).toHaveCount(0);
  await look(page, 'claims-denied');
  const csv = await saved(page, () => page.getByRole('button', { name: 'Download all as CSV' }).click());
  expect(csv.name).toMatch(/\.csv$/);
  expect(lines(csv.text)[0]).toContain('control_no');
  expect(lines(csv.text), 'all rows, not the page').toHaveLength(denied.length + 1);
  for (const claim of denied) expect(csv.text).toContain(claim.control_no);

  await move(page, `Claim ${denied[0].control_no}`, () => page.getByRole('link', { name: denied[0].control_no }).click());
  await page.goBack();
  await standing(page, 'Claims');
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('denied');
  await expect(page.getByRole('row').nth(1)).toContainText(denied[0].control_no);

  await page.getByRole('button', { name: 'Reset' }).click();
  await box(page, 'Claim number').fill(` ${denied[2].control_no.slice(0, 5)} ${denied[2].control_no.slice(5)} `);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(page.getByRole('row').nth(1)).toContainText(denied[2].mbi);
  expect(page.url(), 'numbers of a person stay out of the address').not.toContain(denied[2].control_no);
  await box(page, 'Claim number').fill('000000');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.getByText('No claims match')).toBeVisible();
});

/** A denied claim of the demonstration that can be appealed (CO-50): it has a remittance and no redetermination. */
const claimOf = (id) => one(`SELECT c.claim_id::text, c.control_no, c.charge, c.mbi, r.payment_number, r.remittance_id::text,
    (SELECT json_agg(DISTINCT a.group_code || '-' || a.reason_code) FROM connex.claim_adjustment a
      WHERE a.claim_id = c.claim_id AND a.adjudication_no = c.last_adjudication_no) AS reasons
  FROM connex.claim c JOIN connex.remittance r USING (remittance_id)
  WHERE c.provider_account_id = :'id'::bigint AND c.status = 'denied' AND c.finalized_on > connex.today() - 100
    AND EXISTS (SELECT FROM connex.claim_adjustment a WHERE a.claim_id = c.claim_id AND a.reason_code = '50')
    AND NOT EXISTS (SELECT FROM connex.appeal a WHERE a.claim_id = c.claim_id)
  ORDER BY c.from_on DESC, c.claim_id DESC LIMIT 1`, { id });

test('a claim: lines, adjustments, remittance, what can be done now; on paper and in forced colors', async ({ page }) => {
  // The first of the three offices with such a claim; which one that is depends on the amount of data.
  const account = accounts.find(({ provider_account_id }) => claimOf(provider_account_id));
  const id = account.provider_account_id;
  const claim = claimOf(id);
  const user = biller('Evadne');
  await enter(page, user, `/provider-accounts/${id}/claims/${claim.claim_id}`);
  await standing(page, `Claim ${claim.control_no}`);
  const main = page.getByRole('main');
  await expect(main).toContainText('Denied');
  await expect(main).toContainText(money(claim.charge));
  await expect(page.getByRole('table', { name: 'Lines of the claim' }).getByRole('row')).not.toHaveCount(1);
  const reasons = page.getByRole('table', { name: 'Adjustments and remarks' });
  for (const code of claim.reasons) {
    const row = reasons.getByRole('row').filter({ has: page.getByText(code, { exact: true }) }).first();
    await expect(row).toContainText(/[A-Z][a-z]+ [a-z]+/); // words, not only the code
    await expect(row).not.toContainText('We have no description');
  }
  const now = page.getByRole('region', { name: 'What you can do now' });
  await expect(now).toContainText('Last day');
  await expect(now).toContainText('42 CFR 405.942');
  await expect(now.getByRole('link', { name: 'File a redetermination' })).toBeVisible();
  await look(page, 'claim');

  await test.step('print: what is on paper and what is not', async () => {
    await page.emulateMedia({ media: 'print' });
    await expect(areas(page)).toBeHidden();
    await expect(now.getByRole('link', { name: 'File a redetermination' })).toBeHidden();
    await expect(page.getByRole('button', { name: 'Print' })).toBeHidden();
    await expect(page.getByText(`Printed by ${user.user_id}`)).toBeVisible();
    await expect(main).toContainText(claim.mbi);
    for (const words of [account.ptan, account.npi]) await expect(page.getByText(words).filter({ visible: true }).first()).toBeVisible();
    await page.pdf({ path: `${results}/claim-print.pdf`, format: 'Letter' });
    await page.screenshot({ path: `${results}/claim-print.png`, fullPage: true });
    await page.emulateMedia({ media: 'screen' });
  });
  await test.step('forced colors: the status still has its mark and words, and buttons have a border', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await expect(main.getByText('Denied').first()).toBeVisible();
    const edge = await page.getByRole('button', { name: 'Print' }).evaluate((element) => getComputedStyle(element).borderTopStyle);
    expect(edge).not.toBe('none');
    await page.screenshot({ path: `${results}/claim-forced-colors.png`, fullPage: true });
    await page.emulateMedia({ forcedColors: null });
  });

  await move(page, `Remittance ${claim.payment_number}`, () => page.getByRole('link', { name: 'View the remittance' }).click());
  await expect(page.getByRole('table', { name: 'Claims of the remittance' })).toContainText(claim.control_no);
  await expect(main).toContainText('Balances');
  await look(page, 'remittance');
});

test('remittances by date and as CSV; the list of redeterminations', async ({ page }) => {
  const id = accounts[0].provider_account_id;
  await enter(page, biller('Hermione'), `/provider-accounts/${id}/remittances`);
  await standing(page, 'Remittances');
  await look(page, 'remittances');
  const all = one(`SELECT count(*)::int AS n FROM connex.remittance WHERE provider_account_id = :'id'::bigint`, { id }).n;
  const csv = await saved(page, () => page.getByRole('button', { name: 'Download all as CSV' }).click());
  expect(lines(csv.text)).toHaveLength(all + 1);
  const newest = one(`SELECT to_char(max(paid_on), 'MM/DD/YYYY') AS day FROM connex.remittance WHERE provider_account_id = :'id'::bigint`, { id }).day;
  await box(page, 'Paid from').fill(newest);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page).toHaveURL(/from=/);
  await expect(page.getByRole('row').nth(1)).toContainText(newest);
  await areas(page).getByRole('link', { name: 'Redeterminations' }).click();
  await standing(page, 'Redeterminations');
  await look(page, 'redeterminations');
});
