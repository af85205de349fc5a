// The API's client, typed from fcgi/openapi.yaml. Every answer says when the session ends; the cookie is the browser's own.
// SPDX-License-Identifier: Apache-2.0
import createClient from 'openapi-fetch';
import { ApiError, type Problem } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** The server's word on when the session ends: the one source of truth for the warning. */
export const session = {
  expiresAt: 0,
  /** How long before the end the warning comes; the contractor's setting. */
  warnMs: 2 * 60_000,
  onChange: () => {},
  onLost: () => {},
};

function noteAnswer(response: Response): void {
  const expires = response.headers.get('X-Session-Expires');
  if (expires) {
    session.expiresAt = Date.parse(expires) || 0;
    session.onChange();
  }
}

/** The header that changes carry: the version that was read; 412 when another has changed it since. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` });

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });
api.use({ onResponse: ({ response }) => noteAnswer(response) });

/** The problem an answer carries; a page of a proxy in between still becomes plain words. */
function problemOf(response: Response, body: unknown): ApiError {
  const retry = Number(response.headers.get('Retry-After')) || undefined;
  const isProblem = typeof body === 'object' && body !== null && 'title' in body;
  const problem: Problem = isProblem
    ? { ...(body as Problem), status: response.status }
    : {
        status: response.status,
        title: 'Connex could not do this now.',
        detail: 'Connex could not do this now. Wait a minute, then try again.',
      };
  return new ApiError(problem, retry);
}

/** Unwraps an answer: its data, or an ApiError thrown. (Lists are typed as text too, for CSV; that way leads save().) */
export async function ok<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Exclude<T, string>> {
  const { data, error, response } = await answer;
  if (!response.ok) {
    const problem = problemOf(response, error);
    if (problem.status === 401 && session.expiresAt) session.onLost();
    throw problem;
  }
  return data as Exclude<T, string>;
}

/** Sends a request that openapi-fetch does not type well (a file, a CSV answer) with the same handling of its answer. */
export async function raw(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { credentials: 'same-origin', ...init });
  noteAnswer(response);
  if (response.ok) return response;
  const body = await response.json().catch(() => undefined);
  if (response.status === 401 && session.expiresAt) session.onLost();
  throw problemOf(response, body);
}

/** Saves an answer's body as a file, under the name that the server gives or the one given here. */
export async function save(path: string, init: RequestInit, fileName: string): Promise<void> {
  const response = await raw(path, init);
  const named = /filename="?([^";]+)"?/.exec(
    response.headers.get('Content-Disposition') ?? '',
  )?.[1];
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = named ?? fileName;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
