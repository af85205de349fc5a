// Create account, step 2: the person.
// SPDX-License-Identifier: Apache-2.0
import { ErrorSummary } from '../../ui/error-summary';
import { Field, Submit } from '../../ui/fields';
import { MobileFields, NameFields, UpdatesTick, WorkPhoneField } from '../profile/person-fields';
import { Back } from './back';
import { kept, useStepForm } from './kept';
import { individualSchema } from './schemas';

export function IndividualStep({ back, next }: { back: () => void; next: () => void }) {
  const form = useStepForm('individual', individualSchema, (value) => {
    kept.individual = value;
    next();
  });
  const was = kept.typed.individual ?? {};
  return (
    <form noValidate onSubmit={form.onSubmit} onInput={form.onInput} onChange={form.onInput}>
      <ErrorSummary form={form} />
      <NameFields form={form} was={was} />
      <WorkPhoneField form={form} was={was} />
      <Field
        form={form}
        name="email"
        label="E-mail address"
        type="email"
        value={was.email}
        autoComplete="email"
        hint="Use an address that only you can read. We send security codes to it."
      />
      <Field
        form={form}
        name="email_again"
        label="Confirm e-mail address"
        type="email"
        value={was.email_again}
        autoComplete="email"
      />
      <MobileFields form={form} was={was} />
      <UpdatesTick
        form={form}
        checked={kept.typed.individual ? was.email_updates === 'yes' : true}
      />
      <div class="c-actions">
        <Back back={back} />
        <Submit form={form}>Next</Submit>
      </div>
    </form>
  );
}
