// The notice that stands before registration and before use until a person acts on it (REG-01, AC-8). Its text is the
// contractor's own, from the server; it can be declined for real.
// SPDX-License-Identifier: Apache-2.0
import { Button, Dialog } from '@cmsgov/design-system/preact';
import { useQuery } from '@tanstack/preact-query';
import { api, ok } from '../api/client';
import { Waiting } from './bits';

const ACCEPTED = 'connex-attestation';

/** The version accepted in this tab; undefined before. */
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
