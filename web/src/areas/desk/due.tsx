// The day by which a redetermination must be decided.
// SPDX-License-Identifier: Apache-2.0
import { Status } from '../../ui/bits';
import { date, daysLeft } from '../../ui/format';

interface DueProps {
  on: string | null;
  days: number;
}

export function Due({ on, days }: DueProps) {
  return (
    <>
      {date(on)}{' '}
      <Status tone={days < 0 ? 'bad' : days <= 14 ? 'wait' : 'plain'}>{daysLeft(days)}</Status>
    </>
  );
}
