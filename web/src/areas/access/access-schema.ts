// A request for access to one provider account, as the form gives it and as it is sent. An LSO proves it with a payment
// (REG-12), everyone else with the CSN (LSO-08, LSO-09).
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';
import type { Schemas } from '../../api/client';
import * as check from '../../ui/checks';
import type { FunctionName } from '../../ui/choices';

export const accessSchema = v.pipe(
  v.object({
    local_security_officer: check.chosen<'yes' | 'no'>(
      'Answer whether you will be a Local Security Officer.',
    ),
    npi: check.npi(),
    ptan: check.ptan(),
    tin_last5: check.tinEnd(),
    line_of_business: check.chosen<Schemas['LineOfBusiness']>('Choose the line of business.'),
    state: check.chosen('Choose the state.'),
    functions: check.some<FunctionName>('Select at least one function.'),
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
      'Enter the CSN. Your Local Security Officer can tell you what it is.',
    ),
    ['csn'],
  ),
);

export type AccessForm = v.InferOutput<typeof accessSchema>;

/** The request as it is sent: with the payment or with the CSN, never with both. */
export function accessBody(form: AccessForm): Schemas['AccessNew'] {
  const { local_security_officer, check_number, check_amount, csn, ...rest } = form;
  const lso = local_security_officer === 'yes';
  return { ...rest, lso, ...(lso ? { check_number, check_amount } : { csn }) };
}
