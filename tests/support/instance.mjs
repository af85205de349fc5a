// The running instance: its demo.json, its database as the owner (to look at rows and to create what a test needs), its
// clock, and its settings. Needs only Node and psql.
// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export { pause, until } from './wait.mjs';

if (!process.env.CONNEX_DEMO) throw new Error('CONNEX_DEMO must name the demo.json of a running instance (make run)');
export const demo = JSON.parse(readFileSync(process.env.CONNEX_DEMO, 'utf8'));

// --- the database ----------------------------------------------------------------------------------------------------

/** Runs SQL as the owner and returns what its last statement prints; :'name' in the text is a value that psql quotes. */
export function sql(text, values = {}, role = 'connex_owner') {
  const words = ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', demo.pg.host, '-p', String(demo.pg.port), '-U', role, '-d', demo.pg.dbname];
  // On standard input, because thousands of request ids are too long for a command line.
  const set = Object.entries(values).map(([name, value]) => `\\set ${name} '${String(value).replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'\n`);
  return execFileSync('psql', words, { input: set.join('') + text, encoding: 'utf8', maxBuffer: 1 << 26 }).trim();
}
/** The rows of one SELECT as objects. */
export const rows = (select, values) => JSON.parse(sql(`SELECT coalesce(json_agg(r), '[]') FROM (${select}) r;`, values));
export const one = (select, values) => rows(select, values)[0];
/** A day `days` from the contractor's today. */
export const day = (days = 0) => one(`SELECT connex.today() + :'days'::integer AS day`, { days }).day;

// --- the clock and the settings --------------------------------------------------------------------------------------

/** Shifts the clock that the rules read ("91 days", "-1 hour") while `act` runs. */
export async function shifted(shift, act) {
  sql(`UPDATE connex.clock SET shift = :'shift'::interval;`, { shift });
  try {
    return await act();
  } finally {
    sql(`UPDATE connex.clock SET shift = '0';`);
  }
}
/** Changes a setting while `act` runs. */
export async function withSetting(name, value, act) {
  const before = one(`SELECT value FROM connex.setting WHERE name = :'name'`, { name }).value;
  sql(`UPDATE connex.setting SET value = :'value' WHERE name = :'name';`, { name, value });
  try {
    return await act();
  } finally {
    sql(`UPDATE connex.setting SET value = :'before' WHERE name = :'name';`, { name, before });
  }
}

// Tests log in often. The limit on codes in an hour has its own test.
sql("UPDATE connex.setting SET value = '100000' WHERE name IN ('security_codes_per_hour');");
