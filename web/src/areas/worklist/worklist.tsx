// The contractor's analyst: requests of Local Security Officers, and redeterminations, first due first.
// SPDX-License-Identifier: Apache-2.0
import { useRoute } from 'preact-iso';
import { Note } from '../../ui/bits';
import { Page } from '../../ui/page';
import { useSession } from '../session/session';
import { AccessRequests } from './access-requests';
import { DeskAppeals } from './desk-appeals';

export default function Worklist() {
  const part = useRoute().params.part;
  if (useSession().data?.kind !== 'analyst') return <NotAnalyst />;
  return part === 'redeterminations' ? (
    <DeskAppeals key="appeals" />
  ) : (
    <AccessRequests key="access" />
  );
}

export function NotAnalyst() {
  return (
    <Page title="Worklist" narrow>
      <Note tone="warn">
        <p>
          The worklist belongs to the contractor’s analysts. <a href="/home">Home</a> shows what is
          yours.
        </p>
      </Note>
    </Page>
  );
}
