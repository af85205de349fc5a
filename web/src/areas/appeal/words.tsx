// The words and marks for the states of a redetermination.
// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from '../../api/client';
import { Status } from '../../ui/bits';
import { type State, stateFor, wordFor } from '../../ui/states';

type Word = Schemas['AppealStatus'];

const STATUS: Record<Word, State> = {
  received: ['Received', 'wait'],
  in_review: ['In review', 'wait'],
  decided: ['Decided', 'good'],
  dismissed: ['Dismissed', 'bad'],
  withdrawn: ['Withdrawn', 'plain'],
};

const OUTCOME: Record<Schemas['AppealOutcome'], string> = {
  fully_favorable: 'Fully favorable',
  partially_favorable: 'Partially favorable',
  unfavorable: 'Unfavorable',
  dismissed: 'Dismissed',
};

const EVENT: Record<Schemas['AppealEvent']['action'], string> = {
  filed: 'Filed',
  taken: 'Assigned for review',
  noted: 'Note added',
  decided: 'Decided',
  dismissed: 'Dismissed',
  withdrawn: 'Withdrawn',
};

export const APPEAL_OUTCOMES = Object.entries(OUTCOME);
export const appealOutcome = (outcome: string) => wordFor(OUTCOME, outcome);
export const appealEvent = (action: string) => wordFor(EVENT, action);

export const APPEAL_STATUSES = (Object.keys(STATUS) as Word[]).map(
  (key) => [key, STATUS[key][0]] as const,
);
export const isAppealStatus = (word: string | undefined): word is Word => !!word && word in STATUS;

/** Never broken over two lines, where it would be read as two numbers. */
export function ConfirmationNo({ children }: { children: string }) {
  return <span class="c-whole">{children}</span>;
}

/** The lines that are appealed; none means the whole claim. */
export const linesWords = (lines: readonly number[] | undefined): string =>
  lines?.length
    ? `${lines.length === 1 ? 'Line' : 'Lines'} ${lines.join(', ')}`
    : 'The whole claim';

export function AppealStatus({ status }: { status: Word }) {
  const [words, tone] = stateFor(STATUS, status);
  return <Status tone={tone}>{words}</Status>;
}
