// Words and marks of access states.
// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from '../../api/client';
import { Status, type Tone } from '../../ui/bits';

type Word = Schemas['AccessStatus'];

const STATUS: Record<Word, readonly [words: string, tone: Tone]> = {
  requested: ['Requested', 'wait'],
  awaiting_code: ['Waiting for the access code', 'wait'],
  approved: ['Approved', 'good'],
  declined: ['Declined', 'bad'],
  removed: ['Removed', 'plain'],
};

export const ACCESS_EVENT: Record<Schemas['AccessEvent']['action'], string> = {
  requested: 'Requested',
  approved: 'Approved',
  declined: 'Declined',
  modified: 'Changed',
  removed: 'Removed',
  code_mailed: 'Access code sent by letter',
  activated: 'Access code entered',
};

export const ACCESS_STATUSES = (Object.keys(STATUS) as Word[]).map(
  (key) => [key, STATUS[key][0]] as const,
);
export const isAccessStatus = (word: string | undefined): word is Word => !!word && word in STATUS;

export function AccessStatus({ status }: { status: Word }) {
  return <Status tone={STATUS[status][1]}>{STATUS[status][0]}</Status>;
}
