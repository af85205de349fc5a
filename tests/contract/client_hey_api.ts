// Compiled against the client that @hey-api/openapi-ts makes of the contract.
// SPDX-License-Identifier: Apache-2.0
import { claimGet, claimSearch } from './hey-api';

export async function denied(provider_account_id: string): Promise<string[]> {
  const { data, error } = await claimSearch({ path: { provider_account_id }, body: { status: 'denied', limit: 100 } });
  if (!data) throw new Error(error?.code);
  return data.items.map((item) => `${item.claim_id} ${item.charge}`);
}

export async function deadline(provider_account_id: string, claim_id: string): Promise<string | null> {
  const { data } = await claimGet({ path: { provider_account_id, claim_id } });
  return data?.possible_actions.find((action) => action.action === 'redetermination')?.deadline_on ?? null;
}
