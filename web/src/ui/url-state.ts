// What a screen shows (filters, sort order, page size) lives in the query string, so that each screen is a link and the
// browser's Back works. Nothing about a person may go here: such searches are POSTed.
// SPDX-License-Identifier: Apache-2.0
import { useLocation } from 'preact-iso';

export type UrlPatch = Record<string, string | number | undefined>;

/** The path with the query changed by the patch; undefined or '' takes a name out. */
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
