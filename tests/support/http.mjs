// HTTPS requests to the running instance, whose own certificate authority they trust.
// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { demo } from './instance.mjs';

const base = new URL(demo.base_url);
const trust = { ca: readFileSync(demo.ca_file) };
const kept = new https.Agent({ ...trust, keepAlive: true, maxSockets: 64 });
const single = new https.Agent(trust);
/** Closes the connections that are kept between requests. */
export const hangUp = () => kept.destroy();

function parsed(headers, text) {
  if (!/json/.test(headers['content-type'] ?? '')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Sends one request and never throws. Without an answer, status is 0, error says why, and reused whether the connection had
 * answered before; status -1 means that Node refused to send such a header or path. body is the parsed JSON, and undefined
 * for anything else. `write`, if given, writes the request's body, on a connection of its own.
 */
export const send = (method, path, { headers = {}, bytes = null, write } = {}) => new Promise((resolve) => {
  let request;
  const failed = (status) => (error) => resolve({ status, headers: {}, text: String(error), error, reused: Boolean(request?.reusedSocket) });
  try {
    request = https.request({ host: '127.0.0.1', port: base.port, servername: 'localhost', agent: write ? single : kept, method, path, headers: { host: base.host, ...headers }, timeout: 30000 });
  } catch (error) {
    failed(-1)(error);
    return;
  }
  request.on('response', (response) => {
    const pieces = [];
    response.on('data', (piece) => pieces.push(piece));
    response.on('error', failed(0));
    response.on('end', () => {
      const buffer = Buffer.concat(pieces);
      const text = buffer.toString('utf8');
      resolve({ status: response.statusCode, headers: response.headers, text, buffer, body: parsed(response.headers, text) });
    });
  });
  request.on('timeout', () => request.destroy(new Error('no answer within 30 s')));
  request.on('error', failed(0));
  if (write) write(request);
  else request.end(bytes ?? undefined);
});
