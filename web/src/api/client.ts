// The client of the API, with the types of the contract (tools/gen.mjs). Every answer says when the session ends.
// SPDX-License-Identifier: Apache-2.0
import createClient, { createQuerySerializer } from 'openapi-fetch';
import { withoutBlanks } from './blanks';
import { ApiError, type Problem } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** When the session ends, as the server said it last. The session warning goes by it. */
export const session = {
  expiresAt: 0,
  /** How long before the end the warning is shown; the contractor sets it. */
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

/** The header for a change: the version that was read. The server answers 412 when it has changed since. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` });

/** The header for a request that creates something: sent again with the same key, it creates nothing more. */
export const idempotent = (key: string) => ({ 'Idempotency-Key': key });

const queryText = createQuerySerializer();

/** A body of JSON without its blank members. */
export const bodyOf = (members: object): string => JSON.stringify(withoutBlanks(members));

export const api = createClient<paths>({
  baseUrl: '',
  credentials: 'same-origin',
  bodySerializer: (body: unknown) => bodyOf(body as object),
  querySerializer: (query) => queryText(withoutBlanks(query)),
});
api.use({ onResponse: ({ response }) => noteAnswer(response) });

/** The problem in an answer. The error page of a proxy becomes a problem in plain words too. */
function problemOf(response: Response, body: unknown): ApiError {
  const retry = Number(response.headers.get('Retry-After')) || undefined;
  const isProblem = typeof body === 'object' && body !== null && 'title' in body;
  const problem: Problem = isProblem
    ? { ...(body as Problem), status: response.status }
    : {
        status: response.status,
        title: 'Connex cannot do this right now.',
        detail: 'Connex cannot do this right now. Wait a minute, then try again.',
      };
  return new ApiError(problem, retry);
}

/** Unwraps an answer: returns its data or throws an ApiError. */
export async function ok<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) {
    const problem = problemOf(response, error);
    if (problem.status === 401 && session.expiresAt) session.onLost();
    throw problem;
  }
  return data as T;
}

/** Sends a request that openapi-fetch cannot type (a file, a CSV answer) and handles its answer in the same way. */
export async function raw(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { credentials: 'same-origin', ...init });
  noteAnswer(response);
  if (response.ok) return response;
  const body = await response.json().catch(() => undefined);
  if (response.status === 401 && session.expiresAt) session.onLost();
  throw problemOf(response, body);
}

/** Saves an answer's body as a file, under the name that the server gives or else under `fileName`. */
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
