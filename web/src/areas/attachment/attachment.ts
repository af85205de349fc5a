// Sending files to the server, one after another. A file that has reached the server is remembered, so that sending the form
// again does not send it again.
// SPDX-License-Identifier: Apache-2.0
import { idempotent, raw } from '../../api/client';
import { ApiError } from '../../api/problem';
import type { FieldErrors } from '../../ui/form';
import { keeps } from '../../ui/memory';

export const ATTACHMENT_TYPES = '.pdf,application/pdf';
const ATTACHMENT_MAX = 50 * 1024 * 1024;

interface Sending {
  account: string;
  /** The Idempotency-Key: a second try after a lost answer stores the file once. */
  key: string;
  /** The attachment, once the server has it. */
  id?: string;
}
let sendings = new WeakMap<File, Sending>();
keeps({
  forget: () => {
    sendings = new WeakMap();
  },
});

/** Errors that can be found before sending. The server looks at the content. */
export function errorsOfFiles(files: File[]): FieldErrors {
  const wrong = files.find((f) => !/\.pdf$/i.test(f.name));
  if (wrong)
    return {
      attachment_ids: `${wrong.name} is not a PDF. Remove it, or save it as a PDF and add that file.`,
    };
  const large = files.find((f) => f.size > ATTACHMENT_MAX);
  if (large)
    return {
      attachment_ids: `${large.name} is larger than 50 MB. Split it into smaller files and add each one.`,
    };
  const empty = files.find((f) => !f.size);
  return empty
    ? { attachment_ids: `${empty.name} is empty. Remove it, or add the right file.` }
    : {};
}

/** RFC 8187: the name as UTF-8, percent-encoded. */
const encoded = (name: string) =>
  encodeURIComponent(name.normalize('NFC')).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

async function send(account: string, file: File): Promise<string> {
  let sending = sendings.get(file);
  if (sending?.account !== account) {
    sending = { account, key: crypto.randomUUID() };
    sendings.set(file, sending);
  }
  if (sending.id) return sending.id;
  const response = await raw(`/api/v1/provider-accounts/${account}/attachments`, {
    method: 'POST',
    body: file,
    headers: {
      'Content-Type': 'application/pdf',
      'Content-Disposition': `attachment; filename*=UTF-8''${encoded(file.name)}`,
      ...idempotent(sending.key),
    },
  });
  const { attachment_id } = (await response.json()) as { attachment_id: string };
  sending.id = attachment_id;
  return attachment_id;
}

/** Sends the files and returns their attachment ids. An error names its file. */
export async function sendFiles(
  account: string,
  files: File[],
  say: (words: string) => void,
): Promise<string[]> {
  const ids: string[] = [];
  for (const file of files) {
    say(`Sending file ${ids.length + 1} of ${files.length}: ${file.name}`);
    try {
      ids.push(await send(account, file));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const detail = error.problem.errors?.[0]?.message ?? error.message;
      throw new ApiError({
        ...error.problem,
        errors: [{ field: 'attachment_ids', message: `${file.name}: ${detail}` }],
      });
    }
  }
  return ids;
}
