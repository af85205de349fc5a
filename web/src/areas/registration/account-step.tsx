// Create account, step 1: user ID and password.
// SPDX-License-Identifier: Apache-2.0
import { ErrorSummary } from '../../ui/error-summary';
import { Field, SecretField, Submit } from '../../ui/fields';
import { PASSWORD_HINT } from '../../ui/password';
import { kept, useStepForm } from './kept';
import { accountSchema } from './schemas';

export function AccountStep({ next }: { next: () => void }) {
  const form = useStepForm('account', accountSchema, (value) => {
    kept.account = value;
    next();
  });
  const was = kept.typed.account;
  return (
    <form noValidate onSubmit={form.onSubmit} onInput={form.onInput} onChange={form.onInput}>
      <ErrorSummary form={form} />
      <p>You will need:</p>
      <ul class="c-list">
        <li>The NPI</li>
        <li>The PTAN</li>
        <li>The last five digits of the TIN</li>
        <li>
          Local Security Officers only: the number and amount of a Medicare check or EFT issued in
          the past 90 days
        </li>
        <li>Everyone else: the CSN, which your Local Security Officer can give you</li>
      </ul>
      <Field
        form={form}
        name="user_id"
        label="User ID"
        value={was?.user_id}
        size="medium"
        autoComplete="username"
        hint="Choose four letters and three digits, such as ABCD123. You cannot change it later."
      />
      <SecretField
        form={form}
        name="password"
        label="Password"
        value={was?.password}
        autoComplete="new-password"
        hint={PASSWORD_HINT}
      />
      <SecretField
        form={form}
        name="password_again"
        label="Confirm password"
        value={was?.password_again}
        autoComplete="new-password"
      />
      <div class="c-actions">
        <Submit form={form}>Next</Submit>
      </div>
    </form>
  );
}
