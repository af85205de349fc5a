// A redetermination that is being written. It is kept in this tab's memory by claim, for the person who wrote it, so that
// neither an error nor a new log-in loses a word.
// SPDX-License-Identifier: Apache-2.0
import { keeps } from '../../ui/memory';

export interface Draft {
  values: Record<string, string>;
  extent: 'claim' | 'lines';
  lines: string[];
  files: File[];
}

const drafts = new Map<string, Draft>();
keeps({ forget: () => drafts.clear(), unsent: () => drafts.size > 0 });

export const draftOf = (claim: string): Draft | undefined => drafts.get(claim);
export const keepDraft = (claim: string, draft: Draft): void => {
  drafts.set(claim, draft);
};
export const dropDraft = (claim: string): void => {
  drafts.delete(claim);
};
