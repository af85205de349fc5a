// The first two steps of a registration, and which step holds which field. The third step is in access/access-schema.ts.
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';
import * as check from '../../ui/checks';
import { newPassword, PASSWORDS_DIFFER, samePasswords } from '../../ui/password';

export const STEPS = ['account', 'individual', 'business', 'finish'] as const;
export type Step = (typeof STEPS)[number];

/** The step of each field, so that an error from the server leads back to it. */
export const STEP_OF: Record<string, Step> = {
  attestation_version: 'account',
  user_id: 'account',
  password: 'account',
  password_again: 'account',
  first_name: 'individual',
  last_name: 'individual',
  job_role: 'individual',
  work_phone: 'individual',
  email: 'individual',
  email_again: 'individual',
  mobile_phone: 'individual',
  mobile_carrier: 'individual',
  email_updates: 'individual',
  time_zone: 'individual',
  local_security_officer: 'business',
  lso: 'business',
  npi: 'business',
  ptan: 'business',
  tin_last5: 'business',
  line_of_business: 'business',
  state: 'business',
  functions: 'business',
  check_number: 'business',
  check_amount: 'business',
  csn: 'business',
};

export const accountSchema = v.pipe(
  v.object({ user_id: check.userId(), ...newPassword }),
  v.forward(v.partialCheck([['password'], ['password_again']], samePasswords, PASSWORDS_DIFFER), [
    'password_again',
  ]),
);

export const individualSchema = v.pipe(
  v.object({
    first_name: check.personName('Enter your first name.'),
    last_name: check.personName('Enter your last name.'),
    job_role: check.chosen('Choose your role.'),
    work_phone: check.optionalPhone(),
    email: check.email(),
    email_again: check.email('Enter your e-mail address again.'),
    mobile_carrier: check.optional(),
    mobile_phone: check.optionalPhone(),
    email_updates: check.ticked,
  }),
  v.forward(
    v.partialCheck(
      [['email'], ['email_again']],
      (form) => form.email.toLowerCase() === form.email_again.toLowerCase(),
      'The e-mail addresses do not match. Enter the same address in both boxes.',
    ),
    ['email_again'],
  ),
  v.forward(
    v.partialCheck(
      [['mobile_carrier'], ['mobile_phone']],
      (form) => !form.mobile_carrier || !!form.mobile_phone,
      'Enter your mobile phone number, or clear the carrier.',
    ),
    ['mobile_phone'],
  ),
);
