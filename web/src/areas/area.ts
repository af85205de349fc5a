// What an area of the client exports: its pages, and its places in the navigation, on the home page, and in the shell.
// index.ts collects the areas; the shell and the router know them only by this interface.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentType } from 'preact';
import type { Schemas } from '../api/client';
import type { Me } from './session/session';

export type Screen = ComponentType<any>;
type Load = () => Promise<{ default: Screen }>;

/** A page. scripts/lint reads the paths from the source, so a path is written in full, in single quotes. */
export type AreaRoute =
  /** For people who are logged in; the code is loaded when the page is first opened. */
  | { path: string; load: Load; open?: undefined }
  /** For everyone. `ahead` is a query that the page needs first; it runs while the page's code loads. */
  | { path: string; load: Load; open: true; ahead?: AheadQuery }
  /** For everyone, and part of the first load: a second round trip would cost more than the page weighs. */
  | { path: string; screen: Screen }
  /** An old address, which leads to the new one. */
  | { path: string; movedTo: string };

interface AheadQuery {
  queryKey: readonly string[];
  queryFn: () => Promise<unknown>;
  staleTime: number;
}

export interface Link {
  label: string;
  href: string;
}

export interface Entry extends Link {
  /** What a person can do there, for the home page; an entry without it is in the navigation only. */
  words?: string;
  /** Whether a path belongs to this entry. */
  is: (path: string) => boolean;
}

export type AttentionItem = Schemas['AttentionItem'];

/** How the home page shows one kind of item that needs attention. */
export interface Attention {
  /** Deadlines come first, then what other people are waiting for, then news. */
  rank: 'deadline' | 'request' | 'news';
  /** What more of them are called, as in "3 more deadlines". */
  more: string;
  href: (item: AttentionItem) => string;
}

export interface Area {
  routes: readonly AreaRoute[];
  /** The area's entries in the navigation; none for a person who has no use for it. */
  navigation?: (me: Me, path: string) => Entry[];
  /** The area's tabs under Manage account. */
  tabs?: (me: Me) => Entry[];
  attention?: Partial<Record<AttentionItem['kind'], Attention>>;
  /** Shown in the header beside the product's name. */
  banner?: ComponentType<{ me: Me }>;
  /** Links in the person's menu. */
  menu?: readonly Link[];
  /** Links in the footer. */
  footer?: readonly Link[];
}

/** Matches a path and everything below it. */
export const below = (start: string) => (path: string) =>
  path === start || path.startsWith(`${start}/`);
export const exactly = (start: string) => (path: string) => path === start;
