// Create account in four steps: Account, Individual, Business, Finish. Back keeps what was typed, Cancel drops it, and
// nothing is created before Finish (REG-10). A fault that the server finds leads back to its step.
// SPDX-License-Identifier: Apache-2.0
import { useLocation, useRoute } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import * as v from 'valibot';
import { functionWords, STATES } from '../../ui/choices';
import { api, ok, type Schemas } from '../../api/client';
import { attest, AttestationText, attestedVersion, useAttestation } from '../../ui/attestation';
import { Facts, Progress } from '../../ui/bits';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Field, SecretField, SelectField, Submit, Tick } from '../../ui/fields';
import { type FieldErrors, faultsOfProblem, readForm, useForm } from '../../ui/form';
import { phone } from '../../ui/format';
import { keeps } from '../../ui/memory';
import { Page } from '../../ui/page';
import { CARRIERS, LINES_OF_BUSINESS, ROLES, wordsOf } from './choices';
import { AccessFields, accessBody } from './access-fields';
import {
  accessSchema,
  accountSchema,
  individualSchema,
  PASSWORD_MIN,
  STEP_OF,
  STEPS,
  type Step,
} from './registration';

const NAMES = ['Account', 'Individual', 'Business', 'Finish'] as const;

interface Kept {
  account?: v.InferOutput<typeof accountSchema>;
  individual?: v.InferOutput<typeof individualSchema>;
  business?: v.InferOutput<typeof accessSchema>;
  faults: FieldErrors;
  /** What stands in the boxes of each step, checked or not, so that Back loses nothing. */
  typed: Partial<Record<Step, Record<string, any>>>;
}
type RegistrationBody = Schemas['RegistrationNew'];

let kept: Kept = { faults: {}, typed: {} };

/** Drops what was typed. */
export const dropRegistration = () => {
  kept = { faults: {}, typed: {} };
};
keeps({ forget: dropRegistration, unsent: () => Object.keys(kept.typed).length > 0 });

export default function CreateAccount() {
  const { params } = useRoute();
  const { route } = useLocation();
  const text = useAttestation();
  const [accepted, setAccepted] = useState(!!attestedVersion());
  const asked = (STEPS as readonly string[]).indexOf(params.step ?? 'account');
  const open = !kept.account ? 0 : !kept.individual ? 1 : !kept.business ? 2 : 3;
  const at = Math.min(asked < 0 ? 0 : asked, open); // a link into the middle starts where something is still owed
  const go = (step: Step) => route(`/create-account/${step}`);
  const shown = STEPS[at]!;
  useEffect(() => {
    // the address says the step that is shown, also after a refresh that emptied the steps before
    if (accepted && params.step && params.step !== shown) route(`/create-account/${shown}`, true);
  }, [accepted, params.step, shown]);

  if (!accepted) {
    return (
      <Page title={text.data?.title ?? 'Attestation'} narrow>
        <AttestationText />
        {text.data ? (
          <div class="c-actions">
            <button
              type="button"
              class="ds-c-button ds-c-button--solid"
              onClick={() => {
                attest(text.data.version);
                setAccepted(true);
              }}
            >
              Accept
            </button>
            <a class="ds-c-button" href="/">
              Do not accept
            </a>
          </div>
        ) : null}
      </Page>
    );
  }
  const cancel = () => {
    dropRegistration();
    route('/');
  };
  return (
    <Page
      title={at === 3 ? 'Create account: check and finish' : `Create account: ${NAMES[at]}`}
      key={shown}
      narrow
      actions={
        <button type="button" class="ds-c-button ds-c-button--ghost" onClick={cancel}>
          Cancel
        </button>
      }
    >
      <Progress steps={NAMES} at={at} label="Steps to create an account" />
      {at === 0 ? <AccountStep next={() => go('individual')} /> : null}
      {at === 1 ? <IndividualStep back={() => go('account')} next={() => go('business')} /> : null}
      {at === 2 ? <BusinessStep back={() => go('individual')} next={() => go('finish')} /> : null}
      {at === 3 ? <FinishStep go={go} /> : null}
    </Page>
  );
}

/** Faults of the server that belong to this step, shown until the step is sent again. */
function useStepForm<S extends v.GenericSchema<any, any>>(
  step: Step,
  schema: S,
  keep: (value: v.InferOutput<S>) => void,
  lists?: string[],
) {
  const form = useForm(
    schema,
    (value) => {
      for (const name of Object.keys(kept.faults))
        if (STEP_OF[name] === step) delete kept.faults[name];
      keep(value);
    },
    { lists },
  );
  const earlier = Object.fromEntries(
    Object.entries(kept.faults).filter(([name]) => STEP_OF[name] === step),
  );
  const onInput = (event: Event) => {
    kept.typed[step] = readForm((event.target as HTMLInputElement).form!, lists);
  };
  return { ...form, errors: form.attempt ? form.errors : earlier, onInput };
}

function Back({ back }: { back: () => void }) {
  return (
    <button type="button" class="ds-c-button" onClick={back}>
      Back
    </button>
  );
}

function AccountStep({ next }: { next: () => void }) {
  const form = useStepForm('account', accountSchema, (value) => {
    kept.account = value;
    next();
  });
  const was = kept.typed.account;
  return (
    <form noValidate onSubmit={form.onSubmit} onInput={form.onInput} onChange={form.onInput}>
      <ErrorSummary form={form} />
      <p>Before you begin, have this at hand:</p>
      <ul class="c-list">
        <li>NPI</li>
        <li>PTAN</li>
        <li>the last five digits of the TIN</li>
        <li>
          Local Security Officers only: number and amount of a Medicare check or EFT issued in the
          past 90 days
        </li>
        <li>everyone else: the CSN, which your Local Security Officer can tell you</li>
      </ul>
      <Field
        form={form}
        name="user_id"
        label="User ID"
        value={was?.user_id}
        size="medium"
        autoComplete="username"
        hint="Choose four letters and three digits, such as ABCD123. It cannot be changed later."
      />
      <SecretField
        form={form}
        name="password"
        label="Password"
        value={was?.password}
        autoComplete="new-password"
        hint={`At least ${PASSWORD_MIN} characters, without your name or user ID. Any characters will do; you may paste it.`}
      />
      <SecretField
        form={form}
        name="password_again"
        label="Password once more"
        value={was?.password_again}
        autoComplete="new-password"
      />
      <div class="c-actions">
        <Submit form={form}>Next</Submit>
      </div>
    </form>
  );
}

function IndividualStep({ back, next }: { back: () => void; next: () => void }) {
  const form = useStepForm('individual', individualSchema, (value) => {
    kept.individual = value;
    next();
  });
  const was = kept.typed.individual;
  return (
    <form noValidate onSubmit={form.onSubmit} onInput={form.onInput} onChange={form.onInput}>
      <ErrorSummary form={form} />
      <Field
        form={form}
        name="first_name"
        label="First name"
        value={was?.first_name}
        autoComplete="given-name"
      />
      <Field
        form={form}
        name="last_name"
        label="Last name"
        value={was?.last_name}
        autoComplete="family-name"
      />
      <SelectField form={form} name="job_role" label="Role" options={ROLES} value={was?.job_role} />
      <Field
        form={form}
        name="work_phone"
        label="Work phone"
        optional
        type="tel"
        value={was?.work_phone}
        autoComplete="tel"
        hint="With area code; an extension may follow, such as (317) 555-0142 x12"
      />
      <Field
        form={form}
        name="email"
        label="E-mail address"
        type="email"
        value={was?.email}
        autoComplete="email"
        hint="Yours alone: security codes are sent there."
      />
      <Field
        form={form}
        name="email_again"
        label="E-mail address once more"
        type="email"
        value={was?.email_again}
        autoComplete="email"
      />
      <SelectField
        form={form}
        name="mobile_carrier"
        label="Mobile phone carrier"
        optional
        options={CARRIERS}
        value={was?.mobile_carrier}
      />
      <Field
        form={form}
        name="mobile_phone"
        label="Mobile phone"
        optional
        type="tel"
        value={was?.mobile_phone}
        autoComplete="tel"
      />
      <Tick
        form={form}
        name="email_updates"
        label="Send me news of the portal and of Medicare by e-mail"
        checked={was ? was.email_updates === 'yes' : true}
      />
      <div class="c-actions">
        <Back back={back} />
        <Submit form={form}>Next</Submit>
      </div>
    </form>
  );
}

function BusinessStep({ back, next }: { back: () => void; next: () => void }) {
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
        hint="An LSO approves the people of the office. The first LSO proves the office with a recent Medicare payment."
        options={[
          ['yes', 'Yes'],
          ['no', 'No'],
        ]}
        values={officer ? [officer] : []}
        onPick={(value) => setOfficer(value)}
      />
      <AccessFields form={form} was={was} officer={officer === 'yes'} asked={officer !== ''} />
      <p class="c-quiet">The account is not created until you select Finish on the next page.</p>
      <div class="c-actions">
        <Back back={back} />
        <Submit form={form}>Next</Submit>
      </div>
    </form>
  );
}

function FinishStep({ go }: { go: (step: Step) => void }) {
  const { route } = useLocation();
  const { account, individual, business } = kept as Required<Kept>;
  const form = useForm(v.object({}), async () => {
    const body = bodyOf(account, individual, business);
    try {
      await ok(api.POST('/api/v1/registrations', { body }));
    } catch (error) {
      const faults = faultsOfProblem(error);
      const first = STEPS.find((step) =>
        Object.keys(faults).some((name) => STEP_OF[name] === step),
      );
      if (!first) return faults;
      kept.faults = faults;
      go(first);
      return {};
    }
    dropRegistration();
    route('/?created=yes');
  });
  const edit = (step: Step, words: string) => (
    <button type="button" class="ds-c-button ds-c-button--small" onClick={() => go(step)}>
      Change<span class="ds-u-visibility--screen-reader"> {words}</span>
    </button>
  );
  return (
    <form noValidate onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      <p>Check what you entered. The account is created when you select Finish.</p>
      <div class="c-panel">
        <h2>Account</h2>
        <Facts
          items={[
            ['User ID', account.user_id],
            ['Password', 'Entered'],
          ]}
        />
        {edit('account', 'account')}
      </div>
      <div class="c-panel">
        <h2>Individual</h2>
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
        {edit('individual', 'individual')}
      </div>
      <div class="c-panel">
        <h2>Business</h2>
        <Facts
          items={[
            ['Local Security Officer', business.local_security_officer === 'yes' ? 'Yes' : 'No'],
            ['NPI', business.npi],
            ['PTAN', business.ptan],
            ['TIN, last five digits', business.tin_last5],
            ['Line of business', wordsOf(LINES_OF_BUSINESS, business.line_of_business)],
            ['State', wordsOf(STATES, business.state)],
            ['Functions', functionWords(business.functions)],
            [
              'Check or EFT',
              business.check_number && `${business.check_number}, $${business.check_amount}`,
            ],
            ['CSN', business.csn],
          ]}
        />
        {edit('business', 'business')}
      </div>
      <div class="c-actions">
        <Back back={() => go('business')} />
        <Submit form={form} busy="Creating the account…">
          Finish
        </Submit>
      </div>
    </form>
  );
}

/** What is sent: the proof of an LSO only for an LSO (REG-12), the CSN only for everyone else (LSO-09). */
export function bodyOf(
  account: Kept['account'],
  individual: Kept['individual'],
  business: Kept['business'],
): RegistrationBody {
  return {
    attestation_version: attestedVersion()!,
    ...account!,
    ...individual!,
    ...accessBody(business!),
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  } as RegistrationBody;
}
