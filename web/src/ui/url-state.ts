// The state of a page (filters, sort order, page size) is in the query string, so that every view has a link and Back works.
// Nothing about a person may be there: such searches are sent by POST.
// SPDX-License-Identifier: Apache-2.0
import { useLocation } from 'preact-iso';

export type UrlPatch = Record<string, string | number | undefined>;

/** The path with the query changed by the patch. Undefined and '' remove a name. */
export function urlWith(path: string, query: Record<string, string>, patch: UrlPatch): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, String(value));
  }
  const words = next.toString();
  return path + (words ? `?${words}` : '');
}

export function useUrlState() {
  const { path, query, route } = useLocation();
  return {
    q: query as Record<string, string | undefined>,
    set: (patch: UrlPatch, replace = false) => route(urlWith(path, query, patch), replace),
    href: (patch: UrlPatch) => urlWith(path, query, patch),
  };
}
