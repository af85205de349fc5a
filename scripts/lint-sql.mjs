// The checks of scripts/lint that concern SQL: an array of [name, run], each run returning what it found.
// What only the catalog shows (privileges, comments, row security as applied) is checked in tests/sql/catalog.sql.
// SPDX-License-Identifier: Apache-2.0
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const read = (name) => fs.readFileSync(name, 'utf8');
const folder = (name, end) => (fs.existsSync(name) ? fs.readdirSync(name).sort().filter((file) => file.endsWith(end)).map((file) => `${name}/${file}`) : []);
const walk = (name) => fs.readdirSync(name, { withFileTypes: true }).flatMap((entry) =>
  (entry.isDirectory() ? walk(path.join(name, entry.name)) : [path.join(name, entry.name)]));

const statements = folder('sql', '.sql');
const rules = folder('sql/rules', '.sql');
const policies = folder('sql/policies', '.sql');
const reports = folder('sql/report', '.sql');
const migrations = folder('sql/migrations', '.sql');
// Released before these checks: a migration is never edited, so its layout stays.
const laid_out = migrations.filter((name) => path.basename(name) >= '0030');

/** SQL without comments, line numbers kept. */
const bare = (text) => text.replace(/--[^\n]*/g, (part) => ' '.repeat(part.length));
/** The same without what is in quotes, where a parenthesis or a comma means nothing. */
const without_strings = (text) => text.replace(/'(?:[^']|'')*'/g, (part) => part.replace(/[^\n']/g, ' '));
/** The arguments of a call, from just after its parenthesis. */
function arguments_at(text, from) {
  const found = [];
  for (let at = from, depth = 0, begin = from; at < text.length; at++) {
    if ('(['.includes(text[at])) depth++;
    else if (depth === 0 && ',)'.includes(text[at])) {
      found.push(text.slice(begin, at));
      if (text[at] === ')') break;
      begin = at + 1;
    } else if (')]'.includes(text[at])) depth--;
  }
  return found;
}
const line_of = (text, at) => text.slice(0, at).split('\n').length;
/** Every function of the rules and reports: { name, place, lines, head, parameters }. */
const functions = [...rules, ...reports].flatMap((file) => {
  const text = bare(read(file));
  return [...text.matchAll(/^CREATE (?:OR REPLACE )?FUNCTION (\w+\.\w+)\s*\(/gm)].map((found) => {
    const quoted = text.indexOf('$$', found.index);
    const semicolon = text.indexOf(';', found.index);
    const plain = quoted < 0 || (semicolon >= 0 && semicolon < quoted);
    const end = plain ? semicolon : text.indexOf('$$', quoted + 2);
    const head = text.slice(found.index, plain ? semicolon : quoted);
    let depth = 1, at = head.indexOf('(') + 1, parameters = head.slice(at).trimStart().startsWith(')') ? 0 : 1;
    for (; depth > 0; at++) {
      if (head[at] === '(') depth++;
      else if (head[at] === ')') depth--;
      else if (head[at] === ',' && depth === 1) parameters++;
    }
    return { name: found[1], place: `${file}:${line_of(text, found.index)}`, head, parameters,
      lines: text.slice(found.index, end).split('\n').length, body: text.slice(found.index, end) };
  });
});

// Text in C that only looks like a statement, or that PostgreSQL wants as one, by file. Each with its reason.
const sql_in_c = new Map([
  ['lib/db/connection.c', 'BEGIN, COMMIT, and SET LOCAL ROLE: the transaction itself, which every statement runs in'],
  ['lib/db/db_copy.c', 'BEGIN, COMMIT, SET, and COPY of a table of columns: no statement that could be prepared'],
  ['lib/db/transaction.c', 'COMMIT is compared with what the server answered'],
  ['lib/db/notification.c', 'LISTEN takes a name, not a parameter'],
]);

const checks = [];
const check = (name, run) => checks.push([name, run]);

check('SQL: the rules have functions', () => (functions.length > 50 ? [] : [`${functions.length} functions were found in sql/rules`]));
check('SQL: no function is longer than 70 lines', () => functions.filter((one) => one.lines > 70)
  .map((one) => `${one.place}: ${one.name}: ${one.lines} lines`));
check('SQL: no line is longer than 130 columns', () => [...statements, ...rules, ...policies, ...reports, ...laid_out].flatMap((file) =>
  read(file).split('\n').flatMap((line, at) => ([...line].length > 130 ? [`${file}:${at + 1}: ${[...line].length} columns`] : []))));
check('SQL: no function has more than ten parameters', () => functions.filter((one) => one.parameters > 10)
  .map((one) => `${one.place}: ${one.name}: ${one.parameters}; pass a record`));
check('SQL: a call with more than four arguments names them', () => {
  const long = functions.filter((one) => one.parameters > 4).map((one) => one.name.split('.')[1]);
  const call = new RegExp(`(?<!FUNCTION )\\b(?:connex\\.|audit\\.|report\\.|(?<![.\\w]))(${long.join('|')})\\s*\\(`, 'g');
  return [...statements, ...rules, ...reports].flatMap((file) => {
    const text = without_strings(bare(read(file)));
    return [...text.matchAll(call)].filter((found) => arguments_at(text, found.index + found[0].length).some((one, _, all) => all.length > 4 && !/^\s*\w+\s*=>/.test(one)))
      .map((found) => `${file}:${line_of(text, found.index)}: ${found[1]}: write p_name => value`);
  });
});
// connex.entered() qualifies every name instead: see there.
check('SQL: a SECURITY DEFINER function pins its search_path', () => functions
  .filter((one) => one.name !== 'connex.entered' && /SECURITY DEFINER/.test(one.head) && !/SET search_path = [\w, ]*pg_temp/.test(one.head)).map((one) => `${one.place}: ${one.name}`));
check('SQL: connex.refuse() is the one way to refuse', () => functions
  .filter((one) => /RAISE EXCEPTION/.test(one.body) && one.name !== 'connex.refuse' && !/ERRCODE = 'CX000'/.test(one.body))
  .map((one) => `${one.place}: ${one.name}`));
check('SQL: home gathers what every area announces', () => {
  const home = bare(read('sql/rules/home.sql'));
  const areas = new Set(rules.map((file) => path.basename(file, '.sql')));
  return functions.filter((one) => areas.has(/^connex\.attention_(\w+)$/.exec(one.name)?.[1]))
    .filter((one) => !home.includes(`SELECT * FROM ${one.name.replace('connex.', '')}(`)).map((one) => `${one.place}: ${one.name} is not in sql/rules/home.sql`);
});
check('SQL: policies and grants are in sql/policies/', () => [...statements.filter((name) => name !== 'sql/roles.sql'), ...rules, ...reports, ...laid_out]
  .flatMap((file) => [...bare(read(file)).matchAll(/^\s*(?:GRANT|REVOKE|(?:CREATE|ALTER|DROP) POLICY|ALTER TABLE \S+ (?:ENABLE|DISABLE|FORCE) ROW)\b[^\n]*/gm)]
    .map((found) => `${file}:${line_of(read(file), found.index + found[0].search(/\S/))}: ${found[0].trim().slice(0, 80)}`)));
check('SQL: nothing is granted to PUBLIC, and PUBLIC loses what PostgreSQL gives it', () => [
  ...policies.flatMap((file) => [...bare(read(file)).matchAll(/\bGRANT\b[^;]*\bTO\b[^;]*\bPUBLIC\b/g)].map((found) => `${file}:${line_of(read(file), found.index)}`)),
  ...(/REVOKE ALL ON FUNCTION %s FROM %s/.test(read('sql/policies/reset.sql')) && /'PUBLIC, /.test(read('sql/policies/reset.sql')) ? [] : ['sql/policies/reset.sql']),
]);
check('SQL: a table has row security or a written reason', () => {
  const said = policies.map(read).join('\n');
  const secured = new Set([...said.matchAll(/^ALTER TABLE (\S+) ENABLE ROW LEVEL SECURITY;/gm)].map(([, table]) => table));
  const reasons = new Set([...said.matchAll(/^-- (\w+\.\w+) has no row security: \S/gm)].map(([, table]) => table));
  const ofDbmate = ['public.schema_migrations', 'scripts/migrate'];
  const views = new Set(rules.flatMap((file) => [...read(file).matchAll(/^CREATE OR REPLACE VIEW (\S+)/gm)].map(([, view]) => view))); // some were tables once
  const tables = [ofDbmate, ...migrations.flatMap((file) => [...bare(read(file)).matchAll(/^CREATE TABLE (?:IF NOT EXISTS )?(\w+\.\w+)/gm)].map(([, table]) => [table, file]))];
  return [...tables.filter(([table]) => !secured.has(table) && !reasons.has(table) && !views.has(table)).map(([table, file]) => `${file}: ${table}`),
    ...[...reasons].filter((table) => secured.has(table)).map((table) => `${table} has both`)];
});
check('SQL: no statement in C', () => ['lib', 'fcgi', 'cli'].flatMap((root) => walk(root)).filter((name) => /\.[ch]$/.test(name)).flatMap((file) => {
  if (sql_in_c.has(file)) return [];
  const text = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (part) => part.replace(/[^\n]/g, ' '));
  return [...text.matchAll(/"\s*(SELECT\s|INSERT INTO\s|UPDATE \w+ SET|DELETE FROM\s|WITH \w+ AS|COPY \S+ (?:FROM|\()|LISTEN |SET (?:LOCAL |ROLE )|TRUNCATE |CREATE |ALTER |DROP |BEGIN"|COMMIT"|ROLLBACK")[^"\n]*/g)]
    .map((found) => `${file}:${line_of(text, found.index)}: ${found[0].slice(0, 80)}`);
}));
check('SQL: every file that may hold a statement in C still does', () => [...sql_in_c.keys()].filter((file) => !fs.existsSync(file)
  || !/"\s*(BEGIN|COMMIT|SET |COPY |LISTEN )/.test(read(file))));
check('SQL: no migration was edited', () => {
  const sums = 'sql/migrations.sha256';
  const known = new Map((fs.existsSync(sums) ? read(sums) : '').split('\n').filter(Boolean).map((line) => line.split(/\s+/).reverse()));
  return [...migrations.filter((file) => known.get(path.basename(file)) !== crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex'))
    .map((file) => (known.has(path.basename(file)) ? `${file}: edited; write a new migration` : `${file}: add its line to ${sums} (sha256sum)`)),
  ...[...known.keys()].filter((name) => !fs.existsSync(`sql/migrations/${name}`)).map((name) => `sql/migrations/${name}: gone`)];
});

export default checks;
