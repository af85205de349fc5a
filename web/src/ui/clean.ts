// Cleans what people type or paste before it is checked or sent: spaces, dashes, look-alike and invisible characters. The
// server checks everything again; this keeps a pasted card number from being rejected because of a space.
// SPDX-License-Identifier: Apache-2.0

/** Invisible characters that come with text from a PDF or an e-mail: zero width, direction marks, soft hyphen, BOM, controls. */
const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
const DASHES = /[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;

/** One line of text: compatible forms folded (full-width digits become plain ones), spaces collapsed and trimmed. */
export const text = (typed: string): string =>
  typed.normalize('NFKC').replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();

/** Several lines of text: like text(), but line breaks are kept. */
export const lines = (typed: string): string =>
  typed
    .normalize('NFKC')
    .replace(/\r\n?/g, '\n')
    .replace(INVISIBLE, '')
    .replace(/[^\S\n]+/g, ' ')
    .trim();

/** An identifier (Medicare Number, NPI, PTAN, TIN, claim number, CSN): no spaces, no dashes, uppercase. */
export const identifier = (typed: string): string =>
  text(typed).replace(/\s/g, '').replace(DASHES, '').toUpperCase();

/** A code from an e-mail or a letter. */
export const code = identifier;

/** An amount such as "$1,234.5" becomes "1234.50"; null when it is not an amount. */
export function amount(typed: string): string | null {
  const plain = text(typed).replace(/[$,\s]/g, '');
  const found = /^(\d{1,10})(?:\.(\d{0,2}))?$/.exec(plain);
  return found ? `${found[1]}.${(found[2] ?? '').padEnd(2, '0')}` : null;
}

/** A date as people write it (3/7/1948, 03-07-1948, 03071948, 1948-03-07) becomes 1948-03-07; null when there is no such day. */
export function date(typed: string): string | null {
  const plain = text(typed).replace(DASHES, '-');
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(plain);
  const us =
    /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/.exec(plain) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(plain);
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : us ? [us[3], us[1], us[2]] : [];
  if (!year || !month || !day) return null;
  const at = new Date(Date.UTC(+year, +month - 1, +day));
  if (at.getUTCMonth() !== +month - 1 || at.getUTCDate() !== +day) return null;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** A telephone number of the United States: its ten digits, with an extension kept as "x123"; null when it is not one. */
export function phone(typed: string): string | null {
  const found = /^(?:\+?1)?(\d{10})(?:(?:EXTENSION|EXT|X)(\d{1,6}))?$/.exec(
    identifier(typed).replace(/[().]/g, ''),
  );
  return found ? found[1] + (found[2] ? `x${found[2]}` : '') : null;
}
