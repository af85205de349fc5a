// Pages for people who are logged in.
// SPDX-License-Identifier: Apache-2.0
import { lazy } from 'preact-iso';
import { Waiting } from '../../ui/bits';
import type { Screen } from '../area';
import Landing from './landing';
import { complete, useSession } from './session';

const Step = lazy(() => import('./step'));

/**
 * Shows the log-in in place of the page, at the same address, to a person who is not logged in; and the step that a session
 * still has to complete (e-mail verification, security code, new password).
 */
export function member(load: () => Promise<{ default: Screen }>): Screen {
  const Page = lazy(load);
  return function Member(props: Record<string, unknown>) {
    const me = useSession();
    if (me.isPending || (me.error && !me.data)) return <Waiting query={me} />;
    if (!me.data) return <Landing back />;
    if (!complete(me.data)) return <Step />;
    return <Page key={me.data.user_id} {...props} />; // a fresh page for another person
  };
}
