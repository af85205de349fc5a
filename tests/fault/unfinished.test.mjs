// Clients that connect and then finish nothing: neither the TLS handshake nor the head of a request. Others get in
// meanwhile, and nginx closes the idle ones by itself.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { demo } from '../support/instance.mjs';

const port = Number(new URL(demo.base_url).port);
const ca = readFileSync(demo.ca_file);
const attacker = '127.0.0.2', stranger = '127.0.0.3';

/** A new connection and one request on it from this address: the status, or why there is none. */
const ask = (localAddress) => new Promise((resolve) => {
  const began = Date.now();
  const request = https.request({ host: '127.0.0.1', port, localAddress, servername: 'localhost', ca, agent: false, path: '/healthz', headers: { host: 'localhost' }, timeout: 3000 },
    (answer) => answer.resume().on('end', () => resolve({ status: answer.statusCode, took: Date.now() - began })));
  request.on('timeout', () => request.destroy(new Error('no answer within 3 s')));
  request.on('error', (error) => resolve({ status: 0, why: error.message }));
  request.end();
});

const beginnings = {
  'a third of a TLS greeting': (opened) => {
    const socket = net.connect({ host: '127.0.0.1', port, localAddress: attacker }, () => { socket.write(Buffer.from('1603010200010001fc0303', 'hex')); opened(); });
    return socket;
  },
  'a head without its end': (opened) => {
    const socket = tls.connect({ host: '127.0.0.1', port, localAddress: attacker, servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] },
      () => { socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-More: '); opened(); });
    return socket;
  },
  'HTTP/2 without a request': (opened) => {
    const socket = tls.connect({ host: '127.0.0.1', port, localAddress: attacker, servername: 'localhost', ca, ALPNProtocols: ['h2'] },
      () => { socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'); opened(); });
    return socket;
  },
};
for (const [what, begin] of Object.entries(beginnings))
  for (const count of [121, 1200])
    test(`${count} times ${what} from one address: others get in`, { timeout: 60000 }, async (t) => {
      let closed = 0;
      const sockets = [];
      t.after(() => sockets.forEach((socket) => socket.destroy()));
      await Promise.all([...Array(count)].map(() => new Promise((opened) => {
        const socket = begin(opened);
        socket.on('error', () => {}).on('close', () => { closed++; });
        socket.resume();
        sockets.push(socket);
      })));
      const answers = await Promise.all([...Array(20)].map(() => ask(stranger)));
      answers.push(await ask(attacker)); // an office shares one address
      assert.equal(closed, 0, 'all are still open');
      assert.deepEqual(answers.filter(({ status }) => status !== 200), []);
      t.diagnostic(`slowest of the others: ${Math.max(...answers.map(({ took }) => took))} ms`);
    });

test('nginx has a file for every connection that it may take, whatever the shell allowed', () => {
  const settings = readFileSync(join(demo.var, 'nginx/nginx.conf'), 'utf8');
  const connections = Number(settings.match(/worker_connections (\d+);/)[1]);
  const workers = execFileSync('pgrep', ['-P', readFileSync(join(demo.var, 'run/nginx.pid'), 'utf8').trim()], { encoding: 'utf8' }).trim().split('\n');
  for (const pid of workers) {
    const files = Number(readFileSync(`/proc/${pid}/limits`, 'utf8').match(/^Max open files +(\d+)/m)[1]);
    assert.ok(files >= 2 * connections, `${files} files for ${connections} connections`);
    assert.ok(settings.includes(`\nworker_rlimit_nofile ${files};`), 'set here, not by who started nginx');
  }
});

test('who finishes nothing is gone after client_header_timeout', { timeout: 30000 }, async () => {
  const began = Date.now();
  await Promise.all(Object.values(beginnings).slice(0, 2).map((begin) => new Promise((closed) => begin(() => {}).on('error', () => {}).on('close', closed).resume())));
  assert.ok(Date.now() - began < 14000, `${Date.now() - began} ms`);
});
