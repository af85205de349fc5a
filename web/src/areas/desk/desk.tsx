// The contractor's desk: the lists of access requests and of redeterminations.
// SPDX-License-Identifier: Apache-2.0
import { useRoute } from 'preact-iso';
import { useSession } from '../session/session';
import { AccessRequests } from './access-requests';
import { DeskAppeals } from './desk-appeals';
import { NotAnalyst } from './not-analyst';

export default function Desk() {
  const part = useRoute().params.part;
  if (useSession().data?.kind !== 'analyst') return <NotAnalyst />;
  return part === 'redeterminations' ? (
    <DeskAppeals key="appeals" />
  ) : (
    <AccessRequests key="access" />
  );
}
