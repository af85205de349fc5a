// What a registration holds while its four steps are filled in: in memory only, gone with Cancel, with Finish and with the
// tab. Nothing reaches the server before Finish (REG-10).
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';
import * as check from '../../ui/checks';
import type { FunctionName } from '../../ui/choices';

export const STEPS = ['account', 'individual', 'business', 'finish'] as const;
export type Step = (typeof STEPS)[number];

export const PASSWORD_MIN = 15;

/** Which step holds which field: a fault that the server finds leads back there. */
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

export const passwordCheck = (typed = v.optional(v.string(), '')) =>
  v.pipe(
    typed,
    v.minLength(1, 'Enter a password.'),
    v.minLength(
      PASSWORD_MIN,
      `Use at least ${PASSWORD_MIN} characters. Several words in a row are easy to remember.`,
    ),
  );

export const accountSchema = v.pipe(
  v.object({
    user_id: check.userId(),
    password: passwordCheck(),
    password_again: v.pipe(
      v.optional(v.string(), ''),
      v.minLength(1, 'Type the password once more.'),
    ),
  }),
  v.forward(
    v.partialCheck(
      [['password'], ['password_again']],
      (form) => !form.password_again || form.password === form.password_again,
      'The two passwords differ. Type the same password in both boxes.',
    ),
    ['password_again'],
  ),
);

export const individualSchema = v.pipe(
  v.object({
    first_name: check.personName('Enter your first name.'),
    last_name: check.personName('Enter your last name.'),
    job_role: check.chosen('Choose your role.'),
    work_phone: check.optionalPhone(),
    email: check.email(),
    email_again: check.email('Enter your e-mail address once more.'),
    mobile_carrier: check.optional(),
    mobile_phone: check.optionalPhone(),
    email_updates: check.ticked,
  }),
  v.forward(
    v.partialCheck(
      [['email'], ['email_again']],
      (form) => form.email.toLowerCase() === form.email_again.toLowerCase(),
      'The two e-mail addresses differ. Enter the same address in both boxes.',
    ),
    ['email_again'],
  ),
  v.forward(
    v.partialCheck(
      [['mobile_carrier'], ['mobile_phone']],
      (form) => !form.mobile_carrier || !!form.mobile_phone,
      'Enter your mobile phone number, or take the carrier out.',
    ),
    ['mobile_phone'],
  ),
);

/** The request for one provider account; the proof by a payment is the LSO's (REG-12), the CSN everyone else's (LSO-08). */
export const accessSchema = v.pipe(
  v.object({
    local_security_officer: check.chosen<'yes' | 'no'>(
      'Say whether you will be a Local Security Officer.',
    ),
    npi: check.npi(),
    ptan: check.ptan(),
    tin_last5: check.tinEnd(),
    line_of_business: check.chosen('Choose the line of business.'),
    state: check.chosen('Choose the state.'),
    functions: check.some<FunctionName>('Tick at least one function.'),
    check_number: check.optional(),
    check_amount: check.optionalAmount(),
    csn: check.optional(),
  }),
  v.forward(
    v.partialCheck(
      [['local_security_officer'], ['check_number']],
      (form) => form.local_security_officer !== 'yes' || !!form.check_number,
      'Enter the number of the check or EFT.',
    ),
    ['check_number'],
  ),
  v.forward(
    v.partialCheck(
      [['local_security_officer'], ['check_amount']],
      (form) => form.local_security_officer !== 'yes' || !!form.check_amount,
      'Enter the amount of the check or EFT.',
    ),
    ['check_amount'],
  ),
  v.forward(
    v.partialCheck(
      [['local_security_officer'], ['csn']],
      (form) => form.local_security_officer !== 'no' || !!form.csn,
      'Enter the CSN. Your Local Security Officer can tell you.',
    ),
    ['csn'],
  ),
);
