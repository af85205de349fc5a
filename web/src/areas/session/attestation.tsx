// The notice that a person must accept before registration and before use (REG-01, AC-8). The contractor sets its text.
// SPDX-License-Identifier: Apache-2.0
import { Button, Dialog } from '@cmsgov/design-system/preact';
import { useQuery } from '@tanstack/preact-query';
import { api, ok } from '../../api/client';
import { Waiting } from '../../ui/bits';

const ACCEPTED = 'connex-attestation';

/** The version that was accepted in this tab. */
export const attestedVersion = (): number | undefined =>
  Number(sessionStorage.getItem(ACCEPTED)) || undefined;
export const attest = (version: number): void => sessionStorage.setItem(ACCEPTED, String(version));

export const attestationQuery = {
  queryKey: ['attestation'],
  queryFn: () => ok(api.GET('/api/v1/attestation')),
  staleTime: Infinity,
};
export const useAttestation = (enabled = true) => useQuery({ ...attestationQuery, enabled });

export function AttestationText() {
  const text = useAttestation();
  if (!text.data) return <Waiting query={text} />;
  return (
    <>
      {text.data.paragraphs.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
    </>
  );
}

export function AttestationDialog({
  open,
  onAccept,
  onDecline,
}: {
  open: boolean;
  onAccept: (version: number) => void;
  onDecline: () => void;
}) {
  const text = useAttestation(open);
  return (
    <Dialog
      isOpen={open}
      onExit={onDecline}
      heading={text.data?.title ?? 'Attestation'}
      size="wide"
      actions={
        <>
          {text.data ? (
            <Button variation="solid" onClick={() => onAccept(text.data.version)}>
              Accept
            </Button>
          ) : null}{' '}
          <Button onClick={onDecline}>Do not accept</Button>
        </>
      }
    >
      {open ? <AttestationText /> : null}
    </Dialog>
  );
}
