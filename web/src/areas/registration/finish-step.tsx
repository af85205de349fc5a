// Create account, step 4: review, and Finish, which sends everything at once (REG-10).
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import * as v from 'valibot';
import { api, idempotent, ok } from '../../api/client';
import { Facts } from '../../ui/bits';
import { functionWords, LINES_OF_BUSINESS, STATES, wordsOf } from '../../ui/choices';
import { ErrorSummary } from '../../ui/error-summary';
import { Submit } from '../../ui/fields';
import { errorsOfProblem, useForm, useIdempotencyKey } from '../../ui/form';
import { money, phone } from '../../ui/format';
import { CARRIERS, ROLES } from '../profile/choices';
import { Back } from './back';
import { bodyOf, dropRegistration, kept } from './kept';
import { type Step, STEP_OF, STEPS } from './schemas';

export function FinishStep({ go }: { go: (step: Step) => void }) {
  const { route } = useLocation();
  const key = useIdempotencyKey();
  const all = kept as Parameters<typeof bodyOf>[0]; // the page shows this step only when the others are complete
  const form = useForm(v.object({}), async () => {
    try {
      const body = bodyOf(all);
      const params = { header: idempotent(key(body)) };
      await ok(api.POST('/api/v1/registrations', { params, body }));
    } catch (error) {
      const errors = errorsOfProblem(error);
      const first = STEPS.find((step) =>
        Object.keys(errors).some((name) => STEP_OF[name] === step),
      );
      if (!first) return errors;
      kept.errors = errors;
      go(first);
      return {};
    }
    dropRegistration();
    route('/?created=yes');
  });
  return (
    <form noValidate onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      <p>Review what you entered. Your account is created when you select Finish.</p>
      <Part heading="Account" edit={() => go('account')}>
        <Facts
          items={[
            ['User ID', all.account.user_id],
            ['Password', 'Entered'],
          ]}
        />
      </Part>
      <Part heading="Individual" edit={() => go('individual')}>
        <Individual of={all.individual} />
      </Part>
      <Part heading="Business" edit={() => go('business')}>
        <Business of={all.business} />
      </Part>
      <div class="c-actions">
        <Back back={() => go('business')} />
        <Submit form={form} busy="Creating your account…">
          Finish
        </Submit>
      </div>
    </form>
  );
}

interface PartProps {
  heading: string;
  edit: () => void;
  children: ComponentChildren;
}

function Part({ heading, edit, children }: PartProps) {
  return (
    <div class="c-panel">
      <h2>{heading}</h2>
      {children}
      <button type="button" class="ds-c-button ds-c-button--small" onClick={edit}>
        Change<span class="ds-u-visibility--screen-reader"> {heading.toLowerCase()}</span>
      </button>
    </div>
  );
}

type All = Parameters<typeof bodyOf>[0];

function Individual({ of: individual }: { of: All['individual'] }) {
  return (
    <Facts
      items={[
        ['Name', `${individual.first_name} ${individual.last_name}`],
        ['Role', wordsOf(ROLES, individual.job_role)],
        ['E-mail address', individual.email],
        ['Work phone', phone(individual.work_phone)],
        ['Mobile phone', phone(individual.mobile_phone)],
        ['Carrier', wordsOf(CARRIERS, individual.mobile_carrier)],
        ['News by e-mail', individual.email_updates ? 'Yes' : 'No'],
      ]}
    />
  );
}

function Business({ of: business }: { of: All['business'] }) {
  const lso = business.local_security_officer === 'yes';
  return (
    <Facts
      items={[
        ['Local Security Officer', lso ? 'Yes' : 'No'],
        ['NPI', business.npi],
        ['PTAN', business.ptan],
        ['Last five digits of the TIN', business.tin_last5],
        ['Line of business', wordsOf(LINES_OF_BUSINESS, business.line_of_business)],
        ['State', wordsOf(STATES, business.state)],
        ['Functions', functionWords(business.functions)],
        lso ? ['Check or EFT', `${business.check_number}, ${money(business.check_amount)}`] : null,
        lso ? null : ['CSN', business.csn],
      ]}
    />
  );
}
