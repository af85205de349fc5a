// Create account in four steps: Account, Individual, Business, Finish. Back keeps what was entered and Cancel drops it. An
// error that the server finds leads back to its step.
// SPDX-License-Identifier: Apache-2.0
import { useLocation, useRoute } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { Progress } from '../../ui/bits';
import { Page } from '../../ui/page';
import { attest, AttestationText, attestedVersion, useAttestation } from '../session/attestation';
import { AccountStep } from './account-step';
import { BusinessStep } from './business-step';
import { FinishStep } from './finish-step';
import { IndividualStep } from './individual-step';
import { completeSteps, dropRegistration } from './kept';
import { type Step, STEPS } from './schemas';

const NAMES = ['Account', 'Individual', 'Business', 'Finish'] as const;

export default function CreateAccount() {
  const { params } = useRoute();
  const { route } = useLocation();
  const [accepted, setAccepted] = useState(!!attestedVersion());
  const asked = (STEPS as readonly string[]).indexOf(params.step ?? 'account');
  const at = Math.min(Math.max(asked, 0), completeSteps()); // a link to a later step opens the first incomplete one
  const go = (step: Step) => route(`/create-account/${step}`);
  const shown = STEPS[at]!;
  useEffect(() => {
    // after a reload, which empties the steps, the address still names the step that is shown
    if (accepted && params.step && params.step !== shown) route(`/create-account/${shown}`, true);
  }, [accepted, params.step, shown]);

  if (!accepted) return <Attest accept={() => setAccepted(true)} />;
  const cancel = () => {
    dropRegistration();
    route('/');
  };
  return (
    <Page
      title={at === 3 ? 'Create account: review and finish' : `Create account: ${NAMES[at]}`}
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

/** The attestation, before the first step (REG-01). */
function Attest({ accept }: { accept: () => void }) {
  const text = useAttestation();
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
              accept();
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
