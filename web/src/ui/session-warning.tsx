// Warns before the session ends, by the server's clock, and offers to extend it (WCAG 2.2.1). The contractor sets how long
// before. Other tabs can extend the session, so the server is asked again before the warning and before the end.
// SPDX-License-Identifier: Apache-2.0
import { Button, Dialog } from '@cmsgov/design-system/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { session } from '../api/client';

interface SessionWarningProps {
  onCheck: () => Promise<unknown>;
  onStay: () => void;
  onLogOut: () => void;
  onEnd: () => void;
}

export function SessionWarning({ onCheck, onStay, onLogOut, onEnd }: SessionWarningProps) {
  const [left, setLeft] = useState<number>();
  const checked = useRef({ warning: 0, end: 0 });

  useEffect(() => {
    let checking = false; // while an answer is on its way, the old end does not count
    const check = async () => {
      checking = true;
      await onCheck().catch(() => undefined);
      checking = false;
      tick();
    };
    const tick = () => {
      if (checking) return undefined;
      const end = session.expiresAt;
      const ms = end - Date.now();
      if (!end || ms > session.warnMs) return setLeft(undefined);
      if (checked.current.warning !== end) {
        checked.current.warning = end;
        return void check();
      }
      if (ms > 0) return setLeft(Math.ceil(ms / 1000));
      if (checked.current.end !== end) {
        checked.current.end = end;
        return void check();
      }
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
  }, [onCheck, onEnd]);

  const open = useRef(false); // the dialog also calls onExit when we close it: only a person extends the session
  open.current = left !== undefined;
  const minutes = Math.ceil((left ?? 0) / 60);
  return (
    <Dialog
      isOpen={left !== undefined}
      onExit={() => {
        if (open.current) onStay();
      }}
      heading="Your session will end soon"
      size="narrow"
      actions={
        <>
          <Button variation="solid" onClick={onStay}>
            Stay logged in
          </Button>{' '}
          <Button onClick={onLogOut}>Log out</Button>
        </>
      }
    >
      <p>
        You have not used Connex for a while. For your security, you will be logged out in{' '}
        <strong aria-hidden="true">{left} seconds</strong>
        <span class="ds-u-visibility--screen-reader" aria-live="polite">
          {minutes <= 1 ? 'less than one minute' : `${minutes} minutes`}
        </span>
        .
      </p>
      <p>If you stay logged in, what you entered on this page is kept.</p>
    </Dialog>
  );
}
