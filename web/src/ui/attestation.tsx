// The government system notice. It stands before registration and before use until a person acts on it (AC-8), and it can
// be declined for real.
// SPDX-License-Identifier: Apache-2.0
import { Button, Dialog } from '@cmsgov/design-system/preact';

const ACCEPTED = 'connex-attestation';

export const attested = (): boolean => sessionStorage.getItem(ACCEPTED) === 'yes';
export const attest = (): void => sessionStorage.setItem(ACCEPTED, 'yes');

export function AttestationText() {
  return (
    <>
      <p>You are about to use a U.S. Government information system, which includes (1) this computer network, (2) all computers
        connected to this network, and (3) all devices and storage media attached to this network or to a computer on it.</p>
      <ul class="c-list">
        <li>This system is provided for Government authorized use only.</li>
        <li>Unauthorized or improper use of this system is prohibited and may result in disciplinary action and/or civil and
          criminal penalties.</li>
        <li>Personal use of social media and networking sites on this system is limited as to not interfere with official work
          duties and is subject to monitoring.</li>
        <li>By using this system, you understand and consent to the following: the Government may monitor, record, and audit your
          use of it, including usage of personal devices and e-mail systems to conduct Government business; you have no reasonable
          expectation of privacy regarding any communication or data transiting or stored on it; and at any time, for any lawful
          Government purpose, the Government may monitor, intercept, search, and seize any communication or data transiting or
          stored on it.</li>
      </ul>
    </>
  );
}

export function AttestationDialog({ open, onAccept, onDecline }: { open: boolean; onAccept: () => void; onDecline: () => void }) {
  return (
    <Dialog
      isOpen={open} onExit={onDecline} heading="Attestation" size="wide"
      actions={<>
        <Button variation="solid" onClick={onAccept}>Accept</Button>{' '}
        <Button onClick={onDecline}>Do not accept</Button>
      </>}
    >
      <AttestationText />
    </Dialog>
  );
}
