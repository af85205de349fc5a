// Warns before the session ends, by the server's clock, and lets one button keep it (WCAG 2.2.1: at least 20 seconds;
// here two minutes). The spoken countdown is sparse.
// SPDX-License-Identifier: Apache-2.0
import { Button, Dialog } from '@cmsgov/design-system/preact';
import { useEffect, useState } from 'preact/hooks';
import { session } from '../api/client';

export const WARN_MS = 2 * 60_000;

export function SessionWarning({ onStay, onLogOut, onEnd }: { onStay: () => void; onLogOut: () => void; onEnd: () => void }) {
  const [left, setLeft] = useState<number>();

  useEffect(() => {
    const tick = () => {
      if (!session.expiresAt) return setLeft(undefined);
      const ms = session.expiresAt - Date.now();
      if (ms > 0) return setLeft(ms <= WARN_MS ? Math.ceil(ms / 1000) : undefined);
      setLeft(undefined);
      onEnd();
    };
    const timer = setInterval(tick, 1000);
    session.onChange = tick;
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      session.onChange = () => {};
      document.removeEventListener('visibilitychange', tick);
    };
  }, [onEnd]);

  const minutes = Math.ceil((left ?? 0) / 60);
  return (
    <Dialog
      isOpen={left !== undefined} onExit={onStay} heading="Your session will end soon" size="narrow"
      actions={<>
        <Button variation="solid" onClick={onStay}>Stay logged in</Button>{' '}
        <Button onClick={onLogOut}>Log out</Button>
      </>}
    >
      <p>You have not used Connex for a while. To protect what is shown here, you will be logged out
        in <strong aria-hidden="true">{left} seconds</strong>
        <span class="ds-u-visibility--screen-reader" aria-live="polite">{minutes <= 1 ? 'less than one minute' : `${minutes} minutes`}</span>.</p>
      <p>What you typed on this page is kept if you stay.</p>
    </Dialog>
  );
}
