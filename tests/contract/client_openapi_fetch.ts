// Compiled against the types that openapi-typescript makes of the contract: what a script's author writes.
// SPDX-License-Identifier: Apache-2.0
import createClient from 'openapi-fetch';
import type { paths } from './schema';

const api = createClient<paths>({ baseUrl: 'https://localhost:8443' });

export async function denied(provider_account_id: string): Promise<string[]> {
  const { data, error } = await api.POST('/api/v1/provider-accounts/{provider_account_id}/claim-searches', {
    params: { path: { provider_account_id } },
    body: { status: 'denied', limit: 100 },
  });
  if (!data) throw new Error(error.code);
  const next: string | null = data.next;
  return [...data.items.map((item) => `${item.claim_id} ${item.charge}`), next ?? ''];
}

export async function file(provider_account_id: string, claim_id: string): Promise<string> {
  const { data } = await api.POST('/api/v1/provider-accounts/{provider_account_id}/redeterminations', {
    params: { path: { provider_account_id }, header: { 'Idempotency-Key': 'one' } },
    body: { claim_id, requester_name: 'Ann Example', requester_phone: '2075550100', reason: 'Medically necessary' },
  });
  return data?.confirmation_no ?? '';
}

/** Null: the claim is as it was when `etag` was given. */
export async function changed(provider_account_id: string, claim_id: string, etag: string): Promise<string | null> {
  const { data, error, response } = await api.GET('/api/v1/provider-accounts/{provider_account_id}/claims/{claim_id}', {
    params: { path: { provider_account_id, claim_id }, header: { 'If-None-Match': etag } },
  });
  if (response.status === 304) return null;
  if (!data) throw new Error(error?.code);
  return `${data.control_no} ${data.possible_actions.length} ${response.headers.get('ETag')}`;
}
