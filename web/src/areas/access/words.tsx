// The words and marks for the states of a request for access.
// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from '../../api/client';
import { Status } from '../../ui/bits';
import { functionWords } from '../../ui/choices';
import { type State, stateFor, wordFor } from '../../ui/states';

type Word = Schemas['AccessStatus'];

const STATUS: Record<Word, State> = {
  requested: ['Requested', 'wait'],
  awaiting_code: ['Waiting for the access code', 'wait'],
  approved: ['Approved', 'good'],
  declined: ['Declined', 'bad'],
  removed: ['Removed', 'plain'],
};

const EVENT: Record<Schemas['AccessEvent']['action'], string> = {
  requested: 'Requested',
  approved: 'Approved',
  declined: 'Declined',
  modified: 'Changed',
  removed: 'Removed',
  code_mailed: 'Access code sent by letter',
  activated: 'Access code entered',
};

export const accessEvent = (action: string) => wordFor(EVENT, action);

export const ACCESS_STATUSES = (Object.keys(STATUS) as Word[]).map(
  (key) => [key, STATUS[key][0]] as const,
);
export const isAccessStatus = (word: string | undefined): word is Word => !!word && word in STATUS;

export function AccessStatus({ status }: { status: Word }) {
  const [words, tone] = stateFor(STATUS, status);
  return <Status tone={tone}>{words}</Status>;
}

/** The functions granted, or those requested while the request is not approved. */
export function rights(
  a: Pick<
    Schemas['Access'],
    'status' | 'lso' | 'functions' | 'lso_requested' | 'functions_requested'
  >,
): string {
  const granted = a.status === 'approved';
  const words = functionWords(granted ? a.functions : a.functions_requested);
  const officer = (granted ? a.lso : a.lso_requested) ? ', Local Security Officer' : '';
  return granted ? words + officer : `Requested: ${words}${officer}`;
}
