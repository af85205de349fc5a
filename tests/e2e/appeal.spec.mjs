// An appeal from the denied claim to the decision: the office files it with a document and gets a confirmation and a receipt, a
// second filing is refused, the analyst decides, and the office sees the decision and gets e-mail (42 CFR 405.940 ff.).
// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mailTo, one, pdf, textOfPdf, until } from './helper/instance.mjs';
import { makeDeniedClaim, makeOffice, makeUser } from './helper/people.mjs';
import { enter, expect, expectFaults, look, move, standing, tabTo, test, turnTo } from './helper/screens.mjs';

const office = makeOffice(['claims', 'financials']);
const claim = makeDeniedClaim(office.account);
const analyst = makeUser({ kind: 'analyst', first_name: 'Rosamond', last_name: 'Eastlake' });
const filing = `${office.base}/claims/${claim.claim_id}/redetermination`;
const evidence = pdf(`office note ${claim.control_no}`);
const sha256 = createHash('sha256').update(evidence).digest('hex');
const appealOf = (claim_id) => one(`SELECT appeal_id::text, confirmation_no, status, outcome, deadline_on, notice_on,
    (SELECT count(*)::int FROM connex.appeal b WHERE b.claim_id = a.claim_id) AS n
  FROM connex.appeal a WHERE claim_id = :'claim_id'::bigint`, { claim_id });
const box = (page, name) => page.getByRole('textbox', { name });
const chooseFile = (page, name, buffer, mimeType = 'application/pdf') => page.locator('input[type=file]').setInputFiles({ name, mimeType, buffer });

async function fill(page, reason) {
  await box(page, 'Requester’s telephone number').fill('(207) 555-0142');
  await box(page, 'I do not agree').fill(reason);
}

test.describe.serial('appeal', () => {
  test('filing: errors, the deadline, a program named .pdf, review, confirmation, and receipt', async ({ page, another, refusals }) => {
    refusals.add(415).add(422).add(409);
    await enter(page, office.user, `${office.base}/claims/${claim.claim_id}`);
    await standing(page, `Claim ${claim.control_no}`);
    const deadline = one(`SELECT to_char(connex.today() - 10 + 5 + 120, 'MM/DD/YYYY') AS day`).day; // 120 days from presumed receipt
    await expect(page.getByRole('region', { name: 'What you can do now' })).toContainText(deadline);
    await move(page, 'File a redetermination', () => page.getByRole('link', { name: 'File a redetermination' }).click());
    await expect(page.getByRole('main')).toContainText(deadline);
    await look(page, 'file-appeal');

    await page.getByRole('radio', { name: 'Only some lines' }).check();
    await box(page, 'Requester’s telephone number').fill('555');
    await page.getByRole('button', { name: 'Continue to review' }).click();
    await expectFaults(page, ['line', 'telephone', 'agree']);
    await expect(page.locator('.c-summary').getByRole('link'), 'in the order of the page').toHaveText([/line/, /telephone/, /agree/]);
    await look(page, 'file-appeal-faults');
    await page.getByRole('checkbox', { name: /Line 2/ }).check();
    await fill(page, 'The visit was medically necessary: see the office note.');

    await test.step('a second tab gets to the last step', async () => {
      const tab = await another();
      await enter(tab, office.user, filing);
      await standing(tab, 'File a redetermination');
      await fill(tab, 'Filed twice by mistake.');
      await tab.getByRole('button', { name: 'Continue to review' }).click();
      await expect(tab.getByRole('button', { name: 'File the redetermination' })).toBeVisible();
      test.info().tab = tab;
    });

    await chooseFile(page, 'statement.pdf', Buffer.concat([Buffer.from('MZ\x90\x00\x03\x00\x00\x00', 'latin1'), Buffer.alloc(4096, 0x41)]));
    await page.getByRole('button', { name: 'Continue to review' }).click();
    await page.getByRole('button', { name: 'File the redetermination' }).click();
    await expectFaults(page, ['statement.pdf']);
    await expect(page.locator('.c-summary')).toContainText(/PDF/);
    await expect(box(page, 'I do not agree'), 'nothing typed is lost').toHaveValue(/medically necessary/);
    await look(page, 'file-appeal-not-a-pdf');
    await page.getByRole('button', { name: 'Remove statement.pdf' }).click();
    await chooseFile(page, 'office note.pdf', evidence);
    await page.getByRole('button', { name: 'Continue to review' }).click();
    await expect(page.getByRole('heading', { name: 'Review your redetermination' })).toBeVisible();
    for (const words of ['Line 2', 'office note.pdf', 'medically necessary', '(207) 555-0142']) await expect(page.getByRole('main')).toContainText(words);
    await look(page, 'file-appeal-check');
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(box(page, 'I do not agree')).toHaveValue(/medically necessary/);
    await expect(page.getByRole('list', { name: 'Selected files' })).toContainText('office note.pdf');
    await page.getByRole('button', { name: 'Continue to review' }).click();
    expect(appealOf(claim.claim_id), 'nothing is filed before the last step').toBeUndefined();
    await page.getByRole('button', { name: 'File the redetermination' }).click();

    await expect(page.getByText('Your redetermination was received')).toBeVisible();
    const filed = appealOf(claim.claim_id);
    await expect(page.getByRole('main')).toContainText(filed.confirmation_no);
    await expect(page.getByRole('main')).toContainText(sha256);
    await look(page, 'appeal-received');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Receipt (PDF)', exact: true }).click()]);
    const receipt = textOfPdf(await download.path());
    for (const words of [filed.confirmation_no, claim.control_no, 'office note.pdf', sha256.slice(0, 16)]) expect(receipt).toContain(words);
    expect((await mailTo(office.user.email, /redetermination/i)).text).toContain(filed.confirmation_no);

    await test.step('the second tab is refused by the database, in words', async () => {
      const { tab } = test.info();
      await tab.getByRole('button', { name: 'File the redetermination' }).click();
      await expectFaults(tab, [filed.confirmation_no]);
      expect(appealOf(claim.claim_id).n).toBe(1);
    });
    await page.goto(filing);
    await expect(page.getByText('A redetermination has already been filed for this claim')).toBeVisible();
    await look(page, 'file-appeal-second');
    await page.goto(`${office.base}/claims/${claim.claim_id}`);
    await standing(page, `Claim ${claim.control_no}`);
    await expect(page.getByRole('region', { name: 'What you can do now' })).toContainText(filed.confirmation_no);
    await expect(page.getByRole('link', { name: 'File a redetermination' })).toHaveCount(0);
    await page.goto(`${office.base}/redeterminations`);
    await expect(page.getByRole('row', { name: filed.confirmation_no })).toContainText('Received');
  });

  test('the analyst takes the case, reads the document, and decides', async ({ page }) => {
    const { confirmation_no } = appealOf(claim.claim_id);
    await enter(page, analyst, '/desk/redeterminations');
    await standing(page, 'Redeterminations to decide');
    await look(page, 'desk-appeals');
    await turnTo(page, page.getByRole('link', { name: confirmation_no })); // the earliest due date comes first, so a new case is at the end
    await page.getByRole('link', { name: confirmation_no }).click();
    await standing(page, `Redetermination ${confirmation_no}`);
    for (const words of ['medically necessary', claim.control_no, office.account.name]) await expect(page.getByRole('main')).toContainText(words);
    await look(page, 'desk-appeal');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'office note.pdf' }).click()]);
    expect(createHash('sha256').update(readFileSync(await file.path())).digest('hex')).toBe(sha256);
    await page.getByRole('button', { name: 'Take this case' }).click();
    await expect(page.getByRole('button', { name: 'Take this case' })).toHaveCount(0);
    await expect(page.getByRole('main')).toContainText('In review');
    await page.getByRole('button', { name: 'Decide', exact: true }).click();
    await expectFaults(page, ['outcome', 'reasons']);
    await page.getByRole('radio', { name: 'Partially favorable' }).check();
    await box(page, 'Reasons').fill('Line 2 is payable; the note supports the service.');
    await page.getByRole('button', { name: 'Decide', exact: true }).click();
    await expect(page.getByRole('heading', { name: /Decision: Partially favorable/ })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Decide', exact: true })).toHaveCount(0);
    await look(page, 'desk-appeal-decided');
  });

  test('the office sees the decision and gets e-mail', async ({ page }) => {
    const { appeal_id, confirmation_no } = appealOf(claim.claim_id);
    const mail = await mailTo(office.user.email, /decided|decision/i);
    expect(mail.text).toContain(confirmation_no);
    expect(mail.text, 'mail names no patient').not.toContain('Wintergreen');
    await enter(page, office.user);
    await standing(page, /^Welcome/);
    await look(page, 'home-decided');
    await page.getByRole('list', { name: 'Needs your attention' }).getByRole('link', { name: confirmation_no }).click();
    await standing(page, 'Redetermination');
    expect(new URL(page.url()).pathname).toBe(`${office.base}/redeterminations/${appeal_id}`);
    await expect(page.getByRole('heading', { name: 'Decision: Partially favorable' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText('Line 2 is payable');
    await look(page, 'appeal-decided');
  });
});

test('claim search, claim, and filing with the keyboard only', async ({ page }) => {
  const mine = makeDeniedClaim(office.account);
  await enter(page, office.user, `${office.base}/claims`);
  await standing(page, 'Claims');
  await tabTo(page, box(page, 'Claim number'));
  await page.keyboard.type(mine.control_no);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row')).toHaveCount(2);
  await tabTo(page, page.getByRole('link', { name: mine.control_no }));
  await page.keyboard.press('Enter');
  await standing(page, `Claim ${mine.control_no}`);
  await expect(page.locator('h1')).toBeFocused();
  await tabTo(page, page.getByRole('link', { name: 'File a redetermination' }));
  await page.keyboard.press('Enter');
  await standing(page, 'File a redetermination');
  await expect(page.locator('h1')).toBeFocused();
  await tabTo(page, page.getByRole('radio', { name: 'The whole claim' }));
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: 'Only some lines' })).toBeChecked();
  await tabTo(page, page.getByRole('checkbox', { name: /Line 1/ }));
  await page.keyboard.press('Space');
  await tabTo(page, box(page, 'Requester’s telephone number'));
  await page.keyboard.type('207-555-0142');
  await tabTo(page, box(page, 'I do not agree'));
  await page.keyboard.type('Line 1 was ordered by the physician.');
  await tabTo(page, page.locator('input[type=file]'));
  await tabTo(page, page.getByRole('button', { name: 'Continue to review' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Review your redetermination' })).toBeVisible();
  await page.locator('h1').focus();
  await tabTo(page, page.getByRole('button', { name: 'File the redetermination' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('Your redetermination was received')).toBeVisible();
  await until('the appeal', () => appealOf(mine.claim_id)?.n === 1);
});
