// How money, dates, times, and telephone numbers are shown. Money and dates are strings from the API and never pass through
// floating point or a time zone. Instants are shown in the person's time zone.
// SPDX-License-Identifier: Apache-2.0

import { phone as phoneDigits } from './clean';

let zone: string | undefined;

/** Sets the time zone of the person who is logged in. Undefined means the browser's. */
export function setTimeZone(name: string | undefined): void {
  try {
    if (name) new Intl.DateTimeFormat('en-US', { timeZone: name });
    zone = name;
  } catch {
    zone = undefined; // this browser does not know the zone
  }
}

/** "1234.5" becomes "$1,234.50". A minus sign goes before the dollar sign. */
export function money(amount: string | null | undefined): string {
  if (amount === null || amount === undefined || amount === '') return '';
  const [, sign = '', whole = '0', cents = ''] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(amount) ?? [];
  return `${sign ? '\u2212' : ''}$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents.padEnd(2, '0')}`;
}

/** 2026-11-21 becomes 11/21/2026. */
export function date(day: string | null | undefined): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(day ?? '');
  return found ? `${found[2]}/${found[3]}/${found[1]}` : '';
}

/** Two dates as "11/01/2026 to 11/30/2026", or one when they are the same. */
export function period(from: string | null | undefined, to: string | null | undefined): string {
  if (from && from === to) return date(from);
  if (from && to) return `${date(from)} to ${date(to)}`;
  if (from) return `from ${date(from)}`;
  return to ? `until ${date(to)}` : '';
}

/** An instant in the person's time zone with the zone's name, such as 11/21/2026, 3:05 PM EST. */
export function instant(at: string | null | undefined): string {
  const when = at ? new Date(at) : undefined;
  if (!when || Number.isNaN(when.getTime())) return '';
  return when.toLocaleString('en-US', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });
}

/** Whole days from today to a date; negative when it has passed. */
export function daysUntil(day: string, now: Date = new Date()): number {
  const today = new Date(now.toLocaleDateString('en-CA', { timeZone: zone }));
  return Math.round((new Date(day.slice(0, 10)).getTime() - today.getTime()) / 86_400_000);
}

/** "5 days left", "1 day left", "today", "3 days ago". */
export function daysLeft(days: number): string {
  if (days === 0) return 'today';
  const count = Math.abs(days);
  return `${count} ${count === 1 ? 'day' : 'days'} ${days > 0 ? 'left' : 'ago'}`;
}

/** A telephone number in the form (317) 555-0142 x12. Anything else stays as it is. */
export function phone(digits: string | null | undefined): string {
  const found = /^(\d{3})(\d{3})(\d{4})(?:x(\d+))?$/.exec(phoneDigits(digits ?? '') ?? '');
  if (!found) return digits ?? '';
  return `(${found[1]}) ${found[2]}-${found[3]}${found[4] ? ` x${found[4]}` : ''}`;
}

/** 1 claim, 2 claims, 1,200 claims. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

/** The size of a file, such as 312 KB or 4.1 MB. */
export const fileSize = (bytes: number): string =>
  bytes < 1_000_000
    ? `${Math.max(1, Math.round(bytes / 1000))} KB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
