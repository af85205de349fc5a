// Makes requests from the contract, good ones and broken ones. One seeded generator makes every choice.
// SPDX-License-Identifier: Apache-2.0
import { contract } from '../support/contract.mjs';

/** A small seeded generator (mulberry32): the same seed gives the same requests. */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (n) => Math.floor(next() * n), one: (list) => list[Math.floor(next() * list.length)], maybe: (share) => next() < share };
}

const resolve = (schema) => (schema?.$ref ? resolve(contract.components.schemas[schema.$ref.split('/').pop()]) : schema);
const merged = (schema) => {
  const whole = resolve(schema);
  if (whole?.oneOf) return merged(whole.oneOf.find((part) => part.type !== 'null'));
  return whole?.allOf ? { ...merged(whole.allOf[0]), ...whole } : whole;
};

/** Texts that often break programs: control and bidirectional characters, NUL, lone surrogates, long texts, SQL, paths. */
export const NASTY = ['', ' ', '\u0000', 'a\u0000b', '\u0007', '\u202eabc', '\u2066x\u2069', '\ufeff', '\ud800', '\u{1f600}', 'e\u0301', '\uff11\uff12', '%00', '%2e%2e/', '../../etc/passwd',
  "' OR '1'='1", "'; SELECT pg_sleep(9) --", '{}', '[]', '$1', '\\', '"', '{a,b}', '{"a":1}', '=cmd()', '<script>', 'null', 'undefined', 'NaN', '-1', '0', '1e309', '9223372036854775808',
  '99999999999999999999999', '0x10', 'true', '2026-02-30', '0000-00-00', '9999-12-31', '-infinity', 'infinity', '2026-11-21_4711', '_', 'x'.repeat(300), 'é'.repeat(5000)];
const NUMBERS = [0, -1, 1, 100, 101, 2 ** 31, 2 ** 53, 1e20, -1e20, 5.5, 5.0, 1e-7];

const goodText = (schema, name, dice, world) => {
  const field = schema['x-field'];
  if (schema.enum) return dice.one(schema.enum);
  if (field === 'cursor') return dice.one(world.found.next ?? ['4711']); // mostly of another list
  if (name === 'claim_id' && dice.maybe(0.7)) return dice.one(world.claims).claim_id;
  if (name.startsWith('provider_account_id') && dice.maybe(0.8)) return world.account.provider_account_id;
  if (name === 'remittance_id' && dice.maybe(0.7)) return dice.one(world.remittances);
  if (name === 'user_id' && field !== 'id') return 'FUZZ123';
  if (name.endsWith('_id') && world.found[name] && dice.maybe(0.5)) return dice.one(world.found[name]);
  if (field === 'id' || field === 'ids' || name.endsWith('_id')) return dice.one([...world.ids, ...world.foreign]);
  if (field === 'date' || schema.format === 'date') return name === 'birth_on' ? '1950-02-03' : dice.one([world.today, world.later, '2026-01-01', '2025-12-31']);
  const known = { mbi: world.beneficiary.mbi, last_name: world.beneficiary.last_name, first_name: world.beneficiary.first_name, npi: world.account.npi, ptan: world.account.ptan, tin_last5: world.account.tin_last5, csn: world.account.csn, tin: '12345', state: 'ME', email: 'nobody@fuzz.example', email_again: 'nobody@fuzz.example', phone: '2075550123', user_id: 'FUZZ123',
    money: '120.50', code: '123456', password: 'correct horse battery staple', name: 'Robin', q: 'Alder' };
  return known[name] ?? known[field] ?? 'A plain text';
};

/** A value that fits a schema, as far as the contract says. */
export function good(schema, name, dice, world) {
  const whole = merged(schema);
  const type = Array.isArray(whole.type) ? whole.type[0] : whole.type;
  if (type === 'object') {
    const value = {};
    for (const [member, one] of Object.entries(whole.properties ?? {}))
      if ((whole.required ?? []).includes(member) || dice.maybe(0.4)) value[member] = good(one, member, dice, world);
    return value;
  }
  if (type === 'array') {
    const count = Math.max(whole.minItems ?? 0, dice.below(3));
    return [...new Set(Array.from({ length: count }, () => good(whole.items, name, dice, world)))];
  }
  if (type === 'integer') return Math.min(whole.maximum ?? 50, Math.max(whole.minimum ?? 1, 1 + dice.below(50)));
  if (type === 'boolean') return dice.maybe(0.5);
  return goodText(whole, name, dice, world);
}

const anything = (dice, depth = 0) => {
  const kind = dice.below(depth > 2 ? 5 : 8);
  if (kind < 2) return dice.one(NASTY);
  if (kind === 2) return dice.one(NUMBERS);
  if (kind === 3) return dice.maybe(0.5);
  if (kind === 4) return null;
  if (kind === 5) return Array.from({ length: dice.below(4) }, () => anything(dice, depth + 1));
  if (kind === 6) return Object.fromEntries(Array.from({ length: dice.below(4) }, (_, i) => [`m${i}`, anything(dice, depth + 1)]));
  return 'x'.repeat(dice.below(100));
};
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);

/** A value at or just beyond what the schema allows, or a good one inside an array. */
function atBound(schema, present, dice) {
  const { maxLength, maximum, minimum, maxItems } = merged(schema) ?? {};
  if (maxLength !== undefined) return dice.one(['x', 'é', '9']).repeat(maxLength + dice.below(2));
  if (maximum !== undefined) return dice.one([maximum, maximum + 1, minimum - 1, minimum]);
  if (maxItems !== undefined) return Array.from({ length: maxItems + dice.below(2) }, (_, i) => String(i + 1));
  return [present];
}

/** The bytes of a body: a good one with something wrong in it, or nonsense. */
export function body(schema, dice, world) {
  const value = good(schema, '', dice, world);
  const names = Object.keys(merged(schema).properties ?? {});
  const name = dice.one(names.length ? names : ['x']);
  switch (dice.below(12)) {
    case 0: case 1: case 2: break;
    case 3: case 4: value[name] = anything(dice); break;
    case 5: value[name] = dice.maybe(0.5) ? dice.one(NASTY) : atBound(merged(schema).properties?.[name], value[name], dice); break;
    case 6: delete value[name]; break;
    case 7: value[dice.one(['extra', '__proto__', 'constructor', 'x'.repeat(100), '\u202e', 'a\u0000b'])] = anything(dice); break;
    case 8: return `${JSON.stringify(value).slice(0, -1)}${Object.keys(value).length ? ',' : ''}"${name}":${JSON.stringify(anything(dice))},"${name}":1}`; // a member twice
    case 9: { const text = JSON.stringify(value); return text.slice(0, dice.below(text.length + 1)); }
    case 10: return dice.one(['', ' ', '{', '[]', 'null', '"text"', '5', nested(40), nested(3000), '{"a":'.repeat(200), '\ufeff{}', `{"${name}":1e999}`, `{"${name}":"\\ud800"}`, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), Buffer.from([0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d])]); // not UTF-8; an overlong NUL
    default: return JSON.stringify(Object.fromEntries(Array.from({ length: dice.below(400) }, (_, i) => [`f${i}`, i])));
  }
  return JSON.stringify(value);
}

/** A query string for the operation's parameters. */
export function query(parameters, dice, world) {
  const parts = [];
  for (const { name, schema } of parameters) {
    if (!dice.maybe(0.5)) continue;
    parts.push(`${name}=${encode(dice.maybe(0.6) ? String(good(schema, name, dice, world)) : dice.one(NASTY))}`);
  }
  if (dice.maybe(0.1)) parts.push(dice.one(['x=1', 'limit=', '=', '&', 'limit=%', 'limit=%zz', 'after=%00', 'limit=1&limit=2', `${'a'.repeat(3000)}=1`]));
  return parts.length ? `?${parts.join('&')}` : '';
}
/** encodeURIComponent throws for a lone surrogate. */
export const encode = (text) => encodeURIComponent(text.toWellFormed());

/** Headers that are often wrong. */
export function headers(dice) {
  const all = {};
  if (dice.maybe(0.15)) all.accept = dice.one(['application/xml', 'text/csv', 'text/csv;bom=true', '*/*', 'application/json;q=0', 'text/html, application/json', ',,,', 'a'.repeat(500)]);
  if (dice.maybe(0.1)) all['content-type'] = dice.one(['text/plain', 'application/json; charset=latin1', 'application/x-www-form-urlencoded', 'multipart/form-data', '']);
  if (dice.maybe(0.05)) all['content-encoding'] = dice.one(['gzip', 'br', 'identity', 'x']);
  if (dice.maybe(0.3)) all['if-match'] = dice.one(['"1"', '"2"', '1', '""', '*', 'W/"1"', '"99999999999999999999"', '"x"']);
  if (dice.maybe(0.2)) all['idempotency-key'] = dice.one(['', ' ', 'a', `key-${dice.below(50)}`, `key-${dice.below(100000)}`, 'k'.repeat(101), 'a b', '\u00e9']);
  if (dice.maybe(0.05)) all['if-none-match'] = dice.one(['"1"', '*', '""']);
  if (dice.maybe(0.05)) all.origin = dice.one(['https://evil.example', 'null']);
  if (dice.maybe(0.03)) all['x-http-method-override'] = 'DELETE';
  return all;
}
