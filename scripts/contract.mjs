// The contract is the source of the routes, the fields, and the rights (fcgi/contract.yaml explains its short forms). This
// program joins the files, checks them, and writes:
//
//   openapi.json   the whole contract as OpenAPI 3.1, which nginx serves
//   contract.h     the handlers, and an enum for each position: CLAIM_SEARCH_MBI, CLAIM_GET_PATH_CLAIM_ID
//   contract.c     the route table with its fields
//
// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const { LineCounter, parseDocument, visit } = createRequire(new URL('./node/package.json', import.meta.url))('yaml');

const RIGHTS = ['none', 'step', 'member', 'person', 'provider_profile', 'claims', 'eligibility', 'financials', 'lso', 'analyst'];
const FUNCTIONS = ['provider_profile', 'claims', 'eligibility', 'financials'];
const MODES = { write: 'DB_WRITE', read: 'DB_READ_OFFICE', read_only: 'DB_READ_ONLY' };
/** A read is done as the role of its kind of reader (sql/roles.sql). */
const READERS = { lso: 'DB_READ_OFFICER', analyst: 'DB_READ_STAFF' };
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const OPERATION_WORDS = ['operationId', 'summary', 'description', 'deprecated', 'parameters', 'requestBody', 'responses', 'x-right',
  'x-mode', 'x-audit', 'x-subject', 'x-idempotency-key', 'x-if-match', 'x-csv', 'x-stream', 'x-slow', 'x-loopback', 'x-location',
  'x-plan-ahead', 'x-problems', 'x-shared'];

const faults = [];

/** One YAML file, and where in it a path of keys is. */
function load(file) {
  const lines = new LineCounter();
  const document = parseDocument(fs.readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: true });
  for (const error of document.errors) faults.push(`${file}:${error.linePos?.[0]?.line ?? 1}: ${error.message.split('\n')[0]}`);
  const line = (keys) => {
    for (let depth = keys.length; depth > 0; depth--) {
      const parent = depth > 1 ? document.getIn(keys.slice(0, depth - 1), true) : document.contents;
      const pair = parent?.items?.find((item) => String(item.key?.value ?? item.key) === String(keys[depth - 1]));
      const range = pair?.key?.range ?? document.getIn(keys.slice(0, depth), true)?.range;
      if (range) return lines.linePos(range[0]).line;
    }
    return 1;
  };
  visit(document, { Alias: (_, node) => { faults.push(`${file}:${lines.linePos(node.range[0]).line}: no aliases here`); } });
  return { file, data: document.toJS() ?? {}, line };
}
const fault = (source, keys, words) => faults.push(`${source.file}:${source.line(keys)}: ${words}`);

const areaFiles = fs.readdirSync('fcgi/area').filter((name) => name.endsWith('.yaml')).sort();
const base = load('fcgi/contract.yaml');
const areas = areaFiles.map((name) => ({ name: path.basename(name, '.yaml'), ...load(`fcgi/area/${name}`) }));

// ---------------------------------------------------------------- named schemas

/** Every named schema, as written, with the file that it is in. */
const written = new Map();
for (const source of [base, ...areas])
  for (const [name, schema] of Object.entries(source.data.components?.schemas ?? {})) {
    const at = ['components', 'schemas', name];
    if (written.has(name)) fault(source, at, `schema ${name} exists already in ${written.get(name).source.file}`);
    else if (!/^[A-Z][A-Za-z0-9]*$/.test(name)) fault(source, at, `schema ${name}: a name is written LikeThis`);
    written.set(name, { schema, source, at });
  }

const used = new Set();
const isScalar = (schema) => typeof schema?.type === 'string' && /^[a-z]/.test(schema.type) && schema.type !== 'object';
const nullable = (schema) => (typeof schema.type === 'string' && !schema.enum
  ? { ...schema, type: [schema.type, 'null'] } : { oneOf: [schema, { type: 'null' }] });

function named(word, context) {
  const optional = word.endsWith('?');
  const name = optional ? word.slice(0, -1) : word;
  if (!written.has(name)) {
    fault(context.source, context.at, `there is no schema ${name}`);
    return {};
  }
  used.add(name);
  const { schema } = written.get(name);
  if (['Text', 'Integer', 'Boolean'].includes(name)) return optional ? nullable({ ...schema }) : { ...schema };
  const reference = { $ref: `#/components/schemas/${name}` };
  return optional ? { oneOf: [reference, { type: 'null' }] } : reference;
}

/** The words of JSON Schema that the contract uses, and its own. A comma in a description without quotes would make another word. */
const SCHEMA_WORDS = ['type', 'description', 'enum', 'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'items', 'minItems',
  'maxItems', 'uniqueItems', 'properties', 'required', 'default', 'examples', 'nullable', 'x-field', 'x-include', 'x-list'];
/** Spells out the short forms. */
function expand(schema, context) {
  if (typeof schema === 'string') return named(schema, context);
  if (schema === null || typeof schema !== 'object') {
    fault(context.source, context.at, 'a schema is expected here');
    return {};
  }
  for (const word of Object.keys(schema)) if (!SCHEMA_WORDS.includes(word)) fault(context.source, [...context.at, word], `a schema has no word ${word}`);
  const { 'x-list': list, 'x-include': include, nullable: isNullable, ...rest } = schema;
  if (list) {
    const items = named(list, context);
    return { type: 'object', additionalProperties: false, required: ['items', 'next'],
      properties: { items: { type: 'array', items }, next: { type: ['string', 'null'], examples: [null], description: 'Pass it as `after` for the next page; null on the last page' } } };
  }
  if (rest.properties || include) {
    const from = include ? written.get(include)?.schema : undefined;
    if (include) used.add(include);
    if (include && !from) fault(context.source, [...context.at, 'x-include'], `there is no schema ${include}`);
    const properties = {};
    for (const [name, one] of [...Object.entries(rest.properties ?? {}), ...Object.entries(from?.properties ?? {})]) {
      if (properties[name]) fault(context.source, context.at, `${name} is there twice`);
      properties[name] = expand(one, { ...context, at: [...context.at, 'properties', name] });
    }
    const required = rest.required === 'all' ? Object.keys(properties) : [...(rest.required ?? []), ...(from?.required ?? [])];
    for (const name of required) if (!properties[name]) fault(context.source, [...context.at, 'required'], `required ${name} is not a property`);
    const { required: _, properties: __, ...words } = rest;
    const whole = { type: 'object', ...words, additionalProperties: false, ...(required.length ? { required } : {}), properties };
    if (!isNullable) return whole;
    const { examples: shown, ...one } = whole;
    return { ...(shown ? { examples: shown } : {}), oneOf: [one, { type: 'null' }] };
  }
  if (typeof rest.type === 'string' && /^[A-Z]/.test(rest.type)) {
    const { type, ...more } = rest;
    const optional = type.endsWith('?');
    const name = optional ? type.slice(0, -1) : type;
    const target = written.get(name)?.schema;
    if (!target) return named(name, context);
    used.add(name);
    const whole = isScalar(target) ? { ...expand(target, context), ...more } : { allOf: [named(name, context)], ...more };
    return optional ? nullable(whole) : whole;
  }
  return rest.items ? { ...rest, items: expand(rest.items, { ...context, at: [...context.at, 'items'] }) } : rest;
}

const schemas = {};
for (const [name, { schema, source, at }] of written) schemas[name] = expand(schema, { source, at });
const resolve = (schema) => {
  if (schema?.$ref) return resolve(schemas[schema.$ref.split('/').pop()]);
  return schema;
};

// ---------------------------------------------------------------- problems

const catalog = base.data['x-problem-codes'] ?? {};
const reasons = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 406: 'Not Acceptable', 408: 'Request Timeout', 409: 'Conflict',
  411: 'Length Required', 412: 'Precondition Failed', 413: 'Content Too Large', 415: 'Unsupported Media Type', 422: 'Unprocessable Content',
  428: 'Precondition Required', 429: 'Too Many Requests', 500: 'Internal Server Error', 503: 'Service Unavailable' };
const problemsUsed = new Set();

/** The problems that follow from an operation's other words. */
function impliedProblems(operation, method, parameters) {
  const right = operation['x-right'], stream = Boolean(operation['x-stream']), hasBody = Boolean(operation.requestBody);
  const found = ['406 not_acceptable', '422 fields', '500 failed'];
  const add = (condition, ...codes) => { if (condition) found.push(...codes); };
  add(hasBody, '400 not_json', '400 byte_order_mark');
  add(hasBody || stream, '415 unsupported_type', '400 body_incomplete', '400 content_length', '408 too_slow', '411 length_required', '413 too_large', '415 content_encoding');
  add(!hasBody && !stream, '400 body_not_allowed');
  add(method !== 'get', '403 cross_site');
  add(right !== 'none', '401 log_in', '401 invalid_token', '503 unavailable', '503 storage_full');
  add(!['none', 'step'].includes(right), '403 verify_email', '403 security_code', '403 change_password');
  add(['step', 'person', 'lso', 'analyst'].includes(right), '403 not_by_token');
  add(FUNCTIONS.includes(right), '403 no_access', '403 not_by_this_token');
  add(right === 'lso', '403 not_lso');
  add(right === 'analyst', '403 not_analyst');
  add(parameters.length > 0, '404 not_found');
  add(operation['x-idempotency-key'], '400 idempotency_key');
  add(operation['x-idempotency-key'] && right !== 'none', '422 idempotency_key_reused'); // where nobody enters, another body is another request
  add(operation['x-if-match'] === true, '400 if_match', '412 stale', '428 if_match_required');
  add(operation['x-csv'], '422 too_many_rows');
  add(operation['x-slow'], '429 too_many');
  return found;
}

function problemResponses(operation, method, parameters, source, at) {
  const untested = {}; // {'422 taken': why no test can provoke it} in the list
  const listed = (operation['x-problems'] ?? []).map((one) => {
    if (typeof one === 'string') return one;
    const [[key, why]] = Object.entries(one);
    untested[key] = why;
    return key;
  });
  const implied = impliedProblems(operation, method, parameters);
  for (const key of listed) if (implied.includes(key)) fault(source, [...at, 'x-problems'], `${key} follows from the operation's other words`);
  const all = [...new Set([...implied, ...listed])].sort();
  const byStatus = {};
  for (const key of all) {
    const [status, code] = key.split(' ');
    if (!(key in catalog)) {
      fault(source, [...at, 'x-problems'], `${key} is not in x-problem-codes of ${base.file}`);
      continue;
    }
    problemsUsed.add(key);
    const file = key === '415 unsupported_type' && operation['x-stream']; // the type of a file is its operation's own
    const detail = file ? `Send the file with Content-Type: ${file}.` : catalog[key].detail;
    const example = { value: { type: 'about:blank', title: reasons[status], status: Number(status), code, ...(detail ? { detail } : {}) } };
    const why = untested[key] ?? catalog[key]['not tested'];
    if (why) example['x-not-tested'] = why;
    (byStatus[status] ??= {})[code] = example;
  }
  return Object.fromEntries(Object.entries(byStatus).map(([status, examples]) => [status, { description: reasons[status],
    ...answerHeaders({ 'Retry-After': ['429', '503'].includes(status) && 'RetryAfter', 'WWW-Authenticate': status === '401' && 'Challenge' }),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, examples } } }]));
}

// ---------------------------------------------------------------- examples of answers

const examples = base.data['x-examples'] ?? {};
const examplesUsed = new Set();

/**
 * An example of `schema`: its own, else the one that x-examples has for the member's name, else one of its form. What may be
 * null is shown with a value. Undefined, after a fault, if there is none.
 */
function exampleOf(schema, name, context) {
  if (schema.examples) return schema.examples[0];
  if (schema.$ref) {
    const target = schema.$ref.split('/').pop();
    return exampleOf(schemas[target], name, schemas[target].properties ? written.get(target) : context);
  }
  const part = schema.oneOf?.find((one) => one.type !== 'null') ?? schema.allOf?.[0];
  if (part) return exampleOf(part, name, context);
  if (schema.enum) return schema.enum[0];
  if (schema.properties) return Object.fromEntries(Object.entries(schema.properties).map(([member, one]) => [member, exampleOf(one, member, { ...context, at: [...context.at, 'properties', member] })]));
  if (schema.items) return [exampleOf(schema.items, name, context)];
  if (name in examples) {
    examplesUsed.add(name);
    return examples[name];
  }
  if ([schema.type].flat().includes('boolean')) return true;
  fault(context.source, context.at, `${name} needs an example for the answers that show it: examples: [...] in its schema, or in x-examples of ${base.file}`);
  return undefined;
}
const fileExamples = { 'application/pdf': '%PDF-1.7', 'text/plain': 'connex_up 1' };

// ---------------------------------------------------------------- operations

const operations = [];
const paths = {};
const headerParameters = {
  'x-idempotency-key': { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', minLength: 1, maxLength: 100 }, description: 'The same key and request give the same answer again' },
  'x-if-match': { name: 'If-Match', in: 'header', required: true, schema: { type: 'string', pattern: '^"[0-9]+"$' }, description: 'The ETag of what was read' },
};
const ifNoneMatch = { name: 'If-None-Match', in: 'header', schema: { type: 'string' }, description: 'The ETag of what you have: the answer is 304 if it is still so', example: '"3"' };

function queryParameter(one, context) {
  const whole = typeof one === 'string' ? base.data.components.parameters[one] : one;
  if (!whole) {
    fault(context.source, context.at, `there is no parameter ${one}`);
    return null;
  }
  const { schema, ...rest } = whole;
  return { ...rest, schema: expand(schema, context) };
}

/** The schema of a JSON answer as it is written, with its includes left as they are. */
const answerWritten = (schema) => (typeof schema === 'string' ? written.get(schema)?.schema : schema);
/** A change of something that has a version: the answer shows the new one. */
const showsVersion = (schema) => Boolean(answerWritten(schema)?.properties?.version);

/** Whether an answer carries an ETag: what a GET shows, what was made, and what shows its version. A list has none. */
function carriesETag(operation, method, status, { schema, type }) {
  if (answerWritten(schema)?.['x-list']) return false;
  if (method === 'get') return Boolean(schema) || type === 'application/pdf';
  return (status === '201' && operation['x-right'] !== 'none') || showsVersion(schema);
}
const readsWithETag = (operation, method) => method === 'get' && Object.entries(operation.responses ?? {})
  .some(([status, answer]) => carriesETag(operation, method, status, answer));

/** Headers of an answer, each by its component in contract.yaml: {ETag: 'ETag'}. Those that are false are left out. */
const answerHeaders = (all) => {
  const given = Object.entries(all).filter(([, component]) => component);
  return given.length ? { headers: Object.fromEntries(given.map(([name, component]) => [name, { $ref: `#/components/headers/${component}` }])) } : {};
};

function successResponses(operation, method, context) {
  const found = {};
  const session = operation['x-right'] !== 'none' && 'SessionExpires';
  for (const [status, { description, schema, type, ...unknown }] of Object.entries(operation.responses ?? {})) {
    for (const word of Object.keys(unknown)) fault(context.source, [...context.at, 'responses', status, word], `an answer has no word ${word}`);
    const whole = schema && expand(schema, context);
    const content = whole ? { 'application/json': { schema: whole, example: exampleOf(whole, operation.operationId, context) } }
      : type ? { [type]: { schema: { type: 'string', ...(type === 'application/pdf' ? { format: 'binary' } : {}) }, example: fileExamples[type] } } : undefined;
    const etag = carriesETag(operation, method, status, { schema, type });
    const headers = answerHeaders({
      Location: status === '201' && 'Location', ETag: etag && (status === '201' ? 'NewETag' : 'ETag'),
      'Content-Disposition': (type === 'application/pdf' && 'FileName') || (operation['x-csv'] && 'CsvName'),
      'Connex-Next': operation['x-csv'] && 'Next', Link: operation['x-csv'] && method === 'get' && 'NextLink',
      'Idempotency-Replayed': operation['x-idempotency-key'] && 'Replayed', 'X-Session-Expires': session });
    found[status] = { description, ...headers, ...(content ? { content } : {}) };
  }
  if (readsWithETag(operation, method)) found[304] = { description: 'What If-None-Match names is still so', ...answerHeaders({ ETag: 'ETag', 'X-Session-Expires': session }) };
  return found;
}

/** Checks an operation's own words, each at its own place. */
function checkOperation(operation, { source, at, area, address, method, parameters, statements }) {
  const say = (key, words) => fault(source, [...at, key], words);
  const id = operation.operationId;
  for (const word of Object.keys(operation)) if (!OPERATION_WORDS.includes(word)) say(word, `${word} is not known here`);
  if (!new RegExp(`^${area}_[a-z0-9_]+$`).test(id ?? '')) say('operationId', `operationId ${id}: it is written ${area}_<verb>`);
  if (!operation.summary) say('operationId', `${id} has no summary`);
  if (!('x-right' in operation)) say('operationId', `${id} does not say who may call it: x-right`);
  else if (!RIGHTS.includes(operation['x-right'])) say('x-right', `x-right ${operation['x-right']} is none of ${RIGHTS.join(', ')}`);
  if (FUNCTIONS.includes(operation['x-right']) && !parameters.includes('provider_account_id')) say('x-right', `x-right ${operation['x-right']} needs {provider_account_id} in the path`);
  if (!(operation['x-mode'] in MODES)) say('x-mode' in operation ? 'x-mode' : 'operationId', `${id}: x-mode is one of ${Object.keys(MODES).join(', ')}`);
  const audit = operation['x-audit'];
  if (audit === undefined) say('operationId', `${id} has no word on audit: x-audit, an action or {none: why}`);
  else if (typeof audit === 'object' ? !(typeof audit?.none === 'string' && audit.none.length > 10) : !/^[a-z][a-z0-9_]+$/.test(audit))
    say('x-audit', 'x-audit is an action word, or {none: why there is no audit row}');
  const subject = operation['x-subject'];
  // A path that leads to one thing beyond the provider account, or ends with one, says what the audit row is about.
  const thing = address.endsWith('}') || parameters.at(-1) !== 'provider_account_id' ? parameters.at(-1) : undefined;
  if (subject === undefined && typeof audit === 'string' && thing) say('x-audit', `${id} does not say what its audit row is about: x-subject: ${thing}, or none`);
  if (subject !== undefined && subject !== 'none' && !parameters.includes(subject)) say('x-subject', `x-subject ${subject} is not a parameter of the path`);
  if (subject !== undefined && typeof audit !== 'string') say('x-subject', 'x-subject without an audit row');
  const changes = method !== 'get' && operation['x-mode'] === 'write';
  if (operation['x-idempotency-key'] && !changes) say('x-idempotency-key', `${id} only reads: it takes no Idempotency-Key`);
  if (operation.responses?.[201] && !operation['x-idempotency-key']) say('responses', `${id} creates something: it takes x-idempotency-key`);
  if (operation.responses?.[201] && !operation['x-location']) say('responses', `${id} answers 201, so it needs x-location: the address of what it made`);
  const matches = operation['x-if-match'];
  const shows = Object.entries(operation.responses ?? {}).some(([status, { schema }]) => status !== '201' && showsVersion(schema));
  if (changes && shows && matches === undefined) say('operationId', `${id} changes something that has a version: x-if-match: true, or {none: why}`);
  if (matches !== undefined && matches !== true && !(typeof matches?.none === 'string' && matches.none.length > 10)) say('x-if-match', 'x-if-match is true, or {none: why}');
  if (operation['x-shared'] && (operation['x-mode'] === 'write' || operation['x-right'] === 'none'))
    say('x-shared', `${id} cannot share a transaction: only what reads, after entering, may run twice`);
  if (operation['x-if-match'] && method === 'get') say('x-if-match', `${id} only reads: it takes no If-Match`);
  if (Object.keys(operation.responses ?? {}).length !== 1) say('responses' in operation ? 'responses' : 'operationId', `${id} has one answer when all is well`);
  for (const statement of operation['x-plan-ahead'] ?? []) if (!statements.has(statement)) say('x-plan-ahead', `there is no statement ${statement}`);
}

const statements = new Set(fs.readdirSync('sql').filter((name) => name.endsWith('.sql')).flatMap((name) =>
  [...fs.readFileSync(`sql/${name}`, 'utf8').matchAll(/^-- name: *(\w+)/gm)].map(([, one]) => one)));

for (const source of areas) {
  if (!source.data.description) fault(source, [], 'the area has no description');
  for (const [address, item] of Object.entries(source.data.paths ?? {}))
    for (const [method, operation] of Object.entries(item)) {
      const at = ['paths', address, method];
      if (!METHODS.includes(method)) { fault(source, at, `${method} is not a method`); continue; }
      const parameters = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      checkOperation(operation, { source, at, area: source.name, address, method, parameters, statements });
      const context = { source, at };
      const query = (operation.parameters ?? []).map((one) => queryParameter(one, { source, at: [...at, 'parameters'] })).filter(Boolean);
      const headers = Object.entries(headerParameters).filter(([word]) => operation[word] === true).map(([, parameter]) => parameter);
      if (readsWithETag(operation, method)) headers.push(ifNoneMatch);
      if (operation['x-stream']) headers.push({ name: 'Content-Disposition', in: 'header', required: true, schema: { type: 'string' },
        description: 'The name of the file', example: "attachment; filename*=UTF-8''operative%20note.pdf" });
      const right = operation['x-right'];
      const security = right === 'none' ? [] : ['member', ...FUNCTIONS].includes(right) ? [{ session: [] }, { token: [] }] : [{ session: [] }];
      const body = operation.requestBody && resolve(expand(operation.requestBody, context));
      const { parameters: _, requestBody, responses, 'x-plan-ahead': __, 'x-shared': ___, ...words } = operation;
      if (words['x-if-match'] !== true) delete words['x-if-match']; // why not is for those who build it
      const whole = { tags: [source.name], ...words, security,
        ...(parameters.length + query.length + headers.length ? { parameters: [
          ...parameters.map((name) => ({ name, in: 'path', required: true, schema: name.endsWith('_id') ? { $ref: '#/components/schemas/Id' } : { type: 'string', pattern: '^[a-z0-9_-]{1,64}$' } })),
          ...query, ...headers] } : {}),
        ...(requestBody ? { requestBody: { required: true, content: { 'application/json': { schema: expand(requestBody, context) } } } } : {}),
        ...(operation['x-stream'] ? { requestBody: { required: true, content: { [operation['x-stream']]: { schema: { type: 'string', format: 'binary' } } } } } : {}),
        responses: { ...successResponses(operation, method, context), ...problemResponses(operation, method, parameters, source, at) } };
      (paths[address] ??= {})[method] = whole;
      operations.push({ id: operation.operationId, area: source.name, source, at, method, address, parameters, query, body, operation });
    }
}
for (const name of Object.keys(examples)) if (!examplesUsed.has(name)) fault(base, ['x-examples', name], `no answer needs an example of ${name}`);
for (const key of Object.keys(catalog)) if (!problemsUsed.has(key)) fault(base, ['x-problem-codes', key], `no operation answers ${key}`);

used.add('Problem');
for (const [name, { source, at }] of written) if (!used.has(name)) fault(source, at, `schema ${name} is used nowhere`);

// ---------------------------------------------------------------- open answers, closed requests

/** The names that a schema refers to, and those that these refer to. */
function namesIn(value, found = new Set()) {
  for (const [key, one] of Object.entries(value ?? {}))
    if (key === '$ref' && one.startsWith('#/components/schemas/')) {
      const name = one.split('/').pop();
      if (!found.has(name)) namesIn(schemas[name], found.add(name));
    } else if (one && typeof one === 'object') namesIn(one, found);
  return found;
}
/** A client must bear new members in answers, so what validates them must too; a request may have no others. */
function opened(value) {
  if (Array.isArray(value)) return value.map(opened);
  if (value === null || typeof value !== 'object') return value;
  return wordsMayCome(Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'additionalProperties').map(([key, one]) => [key, opened(one)])));
}
/** An enum stays in an answer, because generated clients are of little use without it; its description says that it may grow. */
function wordsMayCome(schema) {
  return Array.isArray(schema.enum) ? { ...schema, description: `${schema.description ? `${schema.description}. ` : ''}Words may be added: treat an unknown one as "other"` } : schema;
}
const sent = new Set(), answered = namesIn({ $ref: '#/components/schemas/Problem' });
for (const { method, address } of operations) {
  const { requestBody, parameters: given, responses } = paths[address][method];
  namesIn({ requestBody, given }, sent);
  namesIn(responses, answered);
  paths[address][method].responses = opened(responses);
}
for (const { source, at, method, address } of operations)
  for (const name of namesIn(paths[address][method].requestBody))
    if (answered.has(name) && schemas[name].properties) fault(source, [...at, 'requestBody'], `schema ${name} is in a request and in an answer: those change in different ways`);
/** Schemas that are written out where they are used need no name in the document. */
const documented = Object.fromEntries(Object.entries(schemas).filter(([name]) => sent.has(name) || answered.has(name)).map(([name, schema]) => [name, sent.has(name) && answered.has(name) ? wordsMayCome(schema) : sent.has(name) ? schema : opened(schema)]));

// ---------------------------------------------------------------- handlers

const ids = new Map();
for (const one of operations) {
  if (ids.has(one.id)) fault(one.source, [...one.at, 'operationId'], `operationId ${one.id} is there twice`);
  ids.set(one.id, one);
}
for (const area of areas) {
  const file = `fcgi/area/${area.name}.c`;
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const defined = new Map([...text.matchAll(/^enum status (\w+)\(struct request \*request\) \{/gm)]
    .map((match) => [match[1], text.slice(0, match.index).split('\n').length]));
  for (const [name, line] of defined) if (!ids.has(name)) faults.push(`${file}:${line}: handler ${name} has no operation in ${area.file}`);
  for (const one of operations.filter((operation) => operation.area === area.name))
    if (!defined.has(one.id)) fault(one.source, [...one.at, 'operationId'], `${one.id} has no handler: enum status ${one.id}(struct request *request) in ${file}`);
}
for (const name of fs.readdirSync('fcgi/area').filter((one) => one.endsWith('.c')))
  if (!areaFiles.includes(name.replace(/\.c$/, '.yaml'))) faults.push(`fcgi/area/${name}:1: there is no fcgi/area/${name.replace(/\.c$/, '.yaml')}`);

// ---------------------------------------------------------------- fields in C

const quote = (text) => JSON.stringify(text);
const choiceLists = new Map(); // 'a b c' -> name
function choices(words) {
  const key = words.join(' ');
  if (!choiceLists.has(key)) choiceLists.set(key, `choices_${choiceLists.size + 1}`);
  return choiceLists.get(key);
}

/** A property of a request as a row of struct field. */
function fieldRow(name, schema, isRequired, complain) {
  const mayBeNull = Boolean(schema.oneOf?.some((one) => one.type === 'null')) || (Array.isArray(schema.type) && schema.type.includes('null'));
  let one = schema.oneOf ? schema.oneOf.find((part) => part.type !== 'null') : schema;
  const sibling = { ...one };
  one = one.allOf ? { ...resolve(one.allOf[0]), ...sibling, allOf: undefined } : one.$ref ? { ...resolve(one), ...sibling, $ref: undefined } : one;
  const items = one.items && resolve(one.items);
  const type = one['x-field'] ?? (one.enum ? 'choice' : undefined);
  const words = one.enum ?? items?.enum;
  if (!type) complain(`${name}: its schema has no x-field, so no request can have it`);
  if (mayBeNull && isRequired) complain(`${name} is required and may be null: choose one`);
  const low = one.minLength ?? one.minItems ?? one.minimum ?? 0, high = one.maxLength ?? one.maxItems ?? one.maximum ?? 0;
  const need = isRequired ? 'FIELD_REQUIRED' : mayBeNull ? 'FIELD_NULLABLE' : 'FIELD_OPTIONAL';
  return `{${quote(name)}, FIELD_${String(type).toUpperCase()}, ${need}, ${low}, ${high}, ${words ? choices(words) : 'NULL'}}`;
}

const upper = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, '_');
const header = [], tables = [], routes = [];
for (const one of operations) {
  const complain = (words) => fault(one.source, one.at, words);
  const rows = one.body ? Object.entries(one.body.properties ?? {}).map(([name, schema]) => [name, schema, (one.body.required ?? []).includes(name)])
    : one.query.map(({ name, schema, required }) => [name, schema, Boolean(required)]);
  if (one.body && one.query.length) complain(`${one.id} has a body and a query: put all into the body`);
  if (rows.length) {
    header.push(`enum { ${rows.map(([name]) => `${upper(one.id)}_${upper(name)}`).join(', ')} };`);
    tables.push(`static const struct field ${one.id}_fields[] = {`, ...rows.map((row) => `    ${fieldRow(...row, complain)},`), '    {0}};');
  }
  if (one.parameters.length) header.push(`enum { ${one.parameters.map((name) => `${upper(one.id)}_PATH_${upper(name)}`).join(', ')} };`);
  const { operation } = one;
  const planned = operation['x-plan-ahead'] ?? [];
  if (planned.length) tables.push(`static const enum query ${one.id}_plan_ahead[] = {${planned.map((name) => `Q_${upper(name)}`).join(', ')}, QUERY_COUNT};`);
  const flags = [['x-idempotency-key', 'ROUTE_IDEMPOTENT_KEY'], ['x-if-match', 'ROUTE_IF_MATCH'], ['x-stream', 'ROUTE_STREAM'], ['x-slow', 'ROUTE_SLOW'],
    ['x-loopback', 'ROUTE_LOOPBACK'], ['x-shared', 'ROUTE_SHARED']].filter(([word]) => operation[word] && !operation[word].none).map(([, flag]) => flag);
  if (readsWithETag(operation, one.method)) flags.push('ROUTE_ETAG');
  if (operation['x-slow'] === 'failures') flags.push('ROUTE_SLOW_FAILURES');
  const media = Object.values(operation.responses ?? {}).find(({ type }) => type)?.type; // of an answer that is not JSON
  const parts = [`.method = ${one.method.toUpperCase()}`, `.path = ${quote(one.address)}`, `.operation = ${quote(one.id)}`, `.right = RIGHT_${upper(operation['x-right'] ?? 'none')}`,
    `.mode = ${(operation['x-mode'] === 'read' && READERS[operation['x-right']]) || MODES[operation['x-mode']]}`, ...(one.body ? [`.fields = ${one.id}_fields`] : []), ...(one.query.length ? [`.query = ${one.id}_fields`] : []),
    ...(flags.length ? [`.flags = ${flags.join(' | ')}`] : []), ...(typeof operation['x-audit'] === 'string' ? [`.audit = ${quote(operation['x-audit'])}`] : []),
    `.subject = ${one.parameters.indexOf(operation['x-subject'])}`,
    ...(operation['x-stream'] ? [`.stream_type = ${quote(operation['x-stream'])}`] : []), ...(media ? [`.media_type = ${quote(media)}`] : []), ...(operation['x-csv'] ? [`.csv_name = ${quote(operation['x-csv'])}`] : []), ...(operation['x-location'] ? [`.location = ${quote(operation['x-location'])}`] : []),
    ...(planned.length ? [`.plan_ahead = ${one.id}_plan_ahead`] : []), `.handler = ${one.id}`];
  routes.push(`    {${parts.join(', ')}},`);
}
for (const [key, name] of choiceLists) tables.unshift(`static const char *const ${name}[] = {${key.split(' ').map(quote).join(', ')}, NULL};`);

// ---------------------------------------------------------------- writing the files, or reporting why not

if (faults.length) {
  for (const line of [...new Set(faults)]) console.error(line);
  process.exit(1);
}
const { 'x-problem-codes': _, 'x-examples': ___, components, ...top } = base.data;
const { parameters: __, ...rest } = components;
const document = { ...top, tags: areas.map((area) => ({ name: area.name, description: area.data.description })), paths, components: { ...rest, schemas: documented } };
const note = '/* Generated by scripts/contract from fcgi/contract.yaml and fcgi/area/; change the contract there. */\n';
const directory = process.argv[2] ?? 'build/gen';
fs.mkdirSync(directory, { recursive: true });
/** Writes only what changed, so that a new description does not recompile everything. */
function write(name, text) {
  const file = path.join(directory, name);
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return;
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
}
write('openapi.json', `${JSON.stringify(document)}\n`);
write('contract.h', `${note}#ifndef CONNEX_CONTRACT_H\n#define CONNEX_CONTRACT_H\n\n#include "request.h"\n\n/* Positions: in request->values (or request->query), and in request->path. */\n`
  + `${header.join('\n')}\n\n/* The handlers, in fcgi/area/. */\n${operations.map((one) => `enum status ${one.id}(struct request *request);`).join('\n')}\n\n`
  + '/* All routes, ended by {0}; and the areas, whose statements are prepared ahead, ended by NULL. */\nextern const struct route contract_routes[];\nextern const char *const contract_areas[];\n\n#endif\n');
write('contract.c', `${note}#include "contract.h"\n\n${tables.join('\n')}\n\nconst struct route contract_routes[] = {\n${routes.join('\n')}\n    {0}};\n\n`
  + `const char *const contract_areas[] = {${areas.map((area) => quote(area.name)).join(', ')}, "gate", NULL};\n`);
