// Compiled against the client that orval makes of the contract.
// SPDX-License-Identifier: Apache-2.0
import { claimSearch, remittanceList } from './orval';

export async function denied(provider_account_id: string): Promise<string[]> {
  const answer = await claimSearch(provider_account_id, { status: 'denied', limit: 100 });
  if (answer.status !== 200) throw new Error(answer.data.code);
  return answer.data.items.map((item) => `${item.claim_id} ${item.charge}`);
}

export async function payments(provider_account_id: string): Promise<string[]> {
  const answer = await remittanceList(provider_account_id, { from: '2026-01-01', limit: 10 });
  return answer.status === 200 ? answer.data.items.map((item) => item.payment_number) : [];
}
