// The words and marks for the states of a claim.
// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from '../../api/client';
import type { State } from '../../ui/states';

type ClaimStatus = Schemas['ClaimStatus'];

export const CLAIM_STATUS: Record<ClaimStatus, State> = {
  received: ['Received', 'wait'],
  pending: ['Pending', 'wait'],
  suspended: ['Suspended', 'wait'],
  returned: ['Returned to provider', 'bad'],
  paid: ['Paid', 'good'],
  denied: ['Denied', 'bad'],
  rejected: ['Rejected', 'bad'],
  reversed: ['Reversed', 'plain'],
};

export const CLAIM_STATUSES = (Object.keys(CLAIM_STATUS) as ClaimStatus[]).map(
  (key) => [key, CLAIM_STATUS[key][0]] as const,
);

export const isClaimStatus = (word: string | undefined): word is ClaimStatus =>
  !!word && word in CLAIM_STATUS;
