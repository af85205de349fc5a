// The instance's mailbox.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { demo } from './instance.mjs';
import { until } from './wait.mjs';

/** All mails to an address, oldest first. */
export async function allMailTo(address) {
  const all = await (await fetch(`${demo.mailbox_url}/email`)).json();
  return all.filter((mail) => mail.to.some((to) => to.address.toLowerCase() === address.toLowerCase()));
}
/** How many mails an address has received, to wait for one more. */
export const mailCount = async (address) => (await allMailTo(address)).length;

/** The newest mail to an address whose subject fits, sent after `since` (a Date); waits for the jobs daemon. */
export const mailTo = (address, subject = /./, since = new Date(0), seconds = 30) => until(`mail ${subject} to ${address}`, async () =>
  (await allMailTo(address)).filter((mail) => subject.test(mail.subject) && new Date(mail.time ?? mail.date) >= since).at(-1), seconds);

/** The mail to `address` that `act` causes. */
export async function mailAfter(address, subject, act) {
  const seen = new Set((await allMailTo(address)).map(({ id }) => id));
  await act();
  return until(`mail ${subject} to ${address}`, async () => (await allMailTo(address)).find((mail) => !seen.has(mail.id) && subject.test(mail.subject)));
}

/** The code in a mail, which is alone on its line. */
export const codeIn = (mail) => mail.text.match(/^\s+([0-9]{4,10})\s*$/m)?.[1] ?? assert.fail(`no code in the mail:\n${mail.text}`);
/** Another code of the same length: wrong by one digit. */
export const wrongCode = (code) => code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
