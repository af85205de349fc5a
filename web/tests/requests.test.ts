// What requests carry: no blank members in a body or a query, and a key that makes a retry create nothing more.
// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test, vi } from 'vitest';
import { withoutBlanks } from '../src/api/blanks';
import { api, bodyOf } from '../src/api/client';
import { ApiError } from '../src/api/problem';
import { sendFiles } from '../src/areas/attachment/attachment';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const requests: { url: string; body: string; key: string | null }[] = [];
/** Stands for the network; each answer is used once. */
const answers = (...list: (() => Response)[]) => {
  requests.length = 0;
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request =
      typeof input === 'string' ? new Request(`https://connex.example${input}`, init) : input;
    requests.push({
      url: request.url,
      body: await request.clone().text(),
      key: request.headers.get('Idempotency-Key'),
    });
    return list.shift()!();
  });
};
const found = () => new Response('{"items":[],"next":null}', { headers: JSON_TYPE });
const stored = (id: string) => () =>
  new Response(`{"attachment_id":"${id}"}`, { status: 201, headers: JSON_TYPE });
const lost = () => {
  throw new TypeError('fetch failed');
};
afterEach(() => vi.unstubAllGlobals());

test('members without a value are left out; null, false and 0 are values', () => {
  expect(withoutBlanks({ a: undefined, b: '', c: null, d: false, e: 0, f: [], g: ' ' })).toEqual({
    c: null,
    d: false,
    e: 0,
    f: [],
    g: ' ',
  });
});

test('a body is sent without blanks', async () => {
  answers(found);
  await api.POST('/api/v1/provider-account-searches', {
    baseUrl: 'https://connex.example',
    fetch: globalThis.fetch,
    body: { q: '', limit: 25, after: undefined },
  });
  expect(requests[0]!.body).toBe('{"limit":25}');
  expect(bodyOf({ status: '', work_phone: null })).toBe('{"work_phone":null}');
});

test('a query is sent without blanks', async () => {
  answers(found);
  await api.GET('/api/v1/access', {
    baseUrl: 'https://connex.example',
    fetch: globalThis.fetch,
    params: { query: { limit: 10, after: '' } },
  });
  expect(requests[0]!.url).toBe('https://connex.example/api/v1/access?limit=10');
});

test('a file has one key for all tries, and is not sent again once it is stored', async () => {
  const file = new File(['%PDF-'], 'note.pdf');
  const other = new File(['%PDF-'], 'note.pdf');
  answers(lost, stored('7'), stored('8'), stored('9'));
  await expect(sendFiles('3', [file], () => {})).rejects.toThrow();
  expect(await sendFiles('3', [file, other], () => {})).toEqual(['7', '8']);
  expect(requests[0]!.key).toMatch(/^[0-9a-f-]{36}$/);
  expect(requests[1]!.key).toBe(requests[0]!.key);
  expect(requests[2]!.key).not.toBe(requests[0]!.key);
  expect(await sendFiles('3', [file, other], () => {})).toEqual(['7', '8']);
  expect(requests).toHaveLength(3);
  expect(await sendFiles('4', [file], () => {}), 'another account has files of its own').toEqual([
    '9',
  ]);
  expect(requests[3]!.key).not.toBe(requests[0]!.key);
});

test('an error names its file', async () => {
  answers(
    () =>
      new Response(
        '{"title":"Not a PDF","status":415,"code":"unsupported","detail":"It is not a PDF."}',
        {
          status: 415,
          headers: { 'Content-Type': 'application/problem+json' },
        },
      ),
  );
  const error = await sendFiles('3', [new File(['MZ'], 'a.pdf')], () => {}).catch((e) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error.problem.errors).toEqual([
    { field: 'attachment_ids', message: 'a.pdf: It is not a PDF.' },
  ]);
});
