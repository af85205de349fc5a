// Create account, step 3: the provider account.
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Submit } from '../../ui/fields';
import { AccessFields } from '../access/access-fields';
import { accessSchema } from '../access/access-schema';
import { Back } from './back';
import { kept, useStepForm } from './kept';

export function BusinessStep({ back, next }: { back: () => void; next: () => void }) {
  const form = useStepForm(
    'business',
    accessSchema,
    (value) => {
      kept.business = value;
      next();
    },
    ['functions'],
  );
  const was = kept.typed.business;
  const [officer, setOfficer] = useState(was?.local_security_officer ?? '');
  return (
    <form noValidate onSubmit={form.onSubmit} onInput={form.onInput} onChange={form.onInput}>
      <ErrorSummary form={form} />
      <Choices
        form={form}
        type="radio"
        name="local_security_officer"
        label="Will you be a Local Security Officer (LSO) for your organization?"
        hint="An LSO approves access for people in the office. The first LSO confirms the office with a recent Medicare payment."
        options={[
          ['yes', 'Yes'],
          ['no', 'No'],
        ]}
        values={officer ? [officer] : []}
        onPick={(value) => setOfficer(value)}
      />
      <AccessFields form={form} was={was} officer={officer === 'yes'} asked={officer !== ''} />
      <p class="c-quiet">Your account is not created until you select Finish on the next page.</p>
      <div class="c-actions">
        <Back back={back} />
        <Submit form={form}>Next</Submit>
      </div>
    </form>
  );
}
