// A redetermination while it is being written: kept in this tab's memory by claim, so that neither a fault nor a log-in in
// between loses a word; for the person who wrote it only. Files that reached the server are remembered, so that sending again does not send them twice.
// SPDX-License-Identifier: Apache-2.0
import { raw } from '../../api/client';
import { ApiError } from '../../api/problem';
import type { FieldErrors } from '../../ui/form';
import { keeps } from '../../ui/memory';

export interface Draft {
  values: Record<string, string>;
  extent: 'claim' | 'lines';
  lines: string[];
  files: File[];
}

const drafts = new Map<string, Draft>();
let stored = new WeakMap<File, { account: string; id: string }>();
keeps({
  forget: () => {
    drafts.clear();
    stored = new WeakMap();
  },
  unsent: () => drafts.size > 0,
});

export const draftOf = (claim: string): Draft | undefined => drafts.get(claim);
export const keepDraft = (claim: string, draft: Draft): void => {
  drafts.set(claim, draft);
};
export const dropDraft = (claim: string): void => {
  drafts.delete(claim);
};

export const ATTACHMENT_TYPES = '.pdf,application/pdf';
export const ATTACHMENT_MAX = 50 * 1024 * 1024;

/** Faults that can be seen before sending; the server looks at the content. */
export function faultsOfFiles(files: File[]): FieldErrors {
  const wrong = files.find((f) => !/\.pdf$/i.test(f.name));
  if (wrong)
    return {
      attachment_ids: `${wrong.name} is not a PDF. Save it as PDF and add that file, or remove it.`,
    };
  const large = files.find((f) => f.size > ATTACHMENT_MAX);
  if (large)
    return {
      attachment_ids: `${large.name} is larger than 50 MB. Split it into parts and add each.`,
    };
  const empty = files.find((f) => !f.size);
  return empty
    ? { attachment_ids: `${empty.name} is empty. Remove it or add the right file.` }
    : {};
}

async function store(account: string, file: File): Promise<string> {
  const known = stored.get(file);
  if (known?.account === account) return known.id;
  const response = await raw(`/api/v1/provider-accounts/${account}/attachments`, {
    method: 'POST',
    body: file,
    headers: {
      'Content-Type': 'application/pdf',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name.normalize('NFC')).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`,
    },
  });
  const { attachment_id: id } = (await response.json()) as { attachment_id: string };
  stored.set(file, { account, id });
  return id;
}

/** Sends the files one after another; a fault names its file. */
export async function storeAll(
  account: string,
  files: File[],
  said: (words: string) => void,
): Promise<string[]> {
  const ids: string[] = [];
  for (const file of files) {
    said(`Sending ${file.name}, ${ids.length + 1} of ${files.length}…`);
    try {
      ids.push(await store(account, file));
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
