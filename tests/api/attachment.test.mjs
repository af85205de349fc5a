// Evidence: recognized by its content, hashed, and stored whole or not at all.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { pdf } from '../support/claims.mjs';
import { audits, faults, office, upload } from '../support/client.mjs';
import { demo, one, sql, withSetting } from '../support/instance.mjs';
import { pause } from '../support/wait.mjs';

let here;
before(async () => { here = await office(); });
const stored = () => one(`SELECT count(*)::int AS n FROM connex.attachment WHERE provider_account_id = :'id'`, { id: here.account.provider_account_id }).n;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const pieces = (id) => Buffer.from(sql(`SELECT string_agg(encode(content, 'hex'), '' ORDER BY piece_no) FROM connex.attachment_piece WHERE attachment_id = :'id';`, { id }), 'hex');

test('a PDF is stored byte for byte with its name, size, page count, and SHA-256, and audited', async () => {
  const bytes = pdf();
  const answer = await upload(here.client, here.path, bytes, 'opération « note ».pdf');
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual([answer.body.file_name, answer.body.media_type, answer.body.bytes, answer.body.pages, answer.body.sha256],
    ['opération « note ».pdf', 'application/pdf', String(bytes.length), 1, sha256(bytes)]);
  assert.deepEqual(pieces(answer.body.attachment_id), bytes);
  assert.equal(audits('attachment_create', answer.body.attachment_id), 1);
});

test('a large file is stored in pieces and comes back the same', async () => {
  const bytes = pdf(3 * 1024 * 1024 + 17);
  const answer = await upload(here.client, here.path, bytes);
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.body.sha256, sha256(bytes));
  assert.ok(one(`SELECT count(*)::int AS n FROM connex.attachment_piece WHERE attachment_id = :'id'`, { id: answer.body.attachment_id }).n > 5);
  assert.equal(sql(`SELECT encode(sha256(string_agg(content, ''::bytea ORDER BY piece_no)), 'hex') FROM connex.attachment_piece WHERE attachment_id = :'id';`, { id: answer.body.attachment_id }), sha256(bytes));
});

test('a file that fills its pieces exactly leaves no empty one', async () => {
  const wanted = 524288 * 2;
  const bytes = pdf(wanted - (pdf(wanted - 1000).length - (wanted - 1000)));
  assert.equal(bytes.length % 524288, 0);
  assert.equal((await upload(here.client, here.path, bytes)).status, 201);
});

test('the file name does not matter: a program, an archive, a text, and half a PDF are refused, and nothing is stored', async () => {
  const count = stored();
  const exe = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(58), Buffer.from([128, 0, 0, 0]), Buffer.alloc(64), Buffer.from('PE\0\0L\x01'), Buffer.alloc(400)]);
  for (const [bytes, status] of [[exe, 415], [Buffer.from('PK\x03\x04'.padEnd(300, '\0'), 'latin1'), 415], [Buffer.from('just words'), 415], [Buffer.from('<html><script>x</script></html>'), 415],
    [pdf().subarray(0, 150), 422], [pdf(2000000).subarray(0, 1500000), 422]]) {
    const answer = await upload(here.client, here.path, bytes, 'evidence.pdf');
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.body.code, status === 415 ? /^not_a_pdf$/ : /^broken_pdf$/);
  }
  assert.equal(stored(), count);
});

test('a page of script with the words of a PDF inside is not a PDF: the beginning of a file says what it is', async () => {
  const count = stored();
  for (const bytes of [Buffer.from('<html><script>alert(1)</script>%PDF-1.4 %%EOF'), Buffer.concat([Buffer.from('<html><script>alert(1)</script><!--'), pdf()]),
    Buffer.concat([Buffer.from('GIF89a'), pdf()])]) {
    const answer = await upload(here.client, here.path, bytes, 'x.pdf');
    assert.deepEqual([answer.status, answer.body.code], [415, 'not_a_pdf'], answer.text);
  }
  const bare = await upload(here.client, here.path, Buffer.from('%PDF-1.4 %%EOF'), 'x.pdf');
  assert.deepEqual([bare.status, bare.body.code], [422, 'broken_pdf'], bare.text);
  assert.equal(stored(), count);
  for (const before of ['\ufeff', '\r\n \n']) assert.equal((await upload(here.client, here.path, Buffer.concat([Buffer.from(before), pdf()]))).status, 201);
});

test('a PDF with a password is refused with an explanation: an analyst could not open it', async () => {
  const count = stored();
  const text = pdf().toString('latin1');
  const key = '/Encrypt 9 0 R';
  const trailer = text.replace('/Root 1 0 R >>', `/Root 1 0 R ${key} >>`);
  // When the cross-reference is a stream (PDF 1.5), its dictionary is the trailer: far from the end, and here across two pieces.
  const stream = (fill, after) => text.replace(/xref\n0 4[\s\S]*startxref/, `${'%'.repeat(fill)}\n8 0 obj\n<</Type/XRef/Root 1 0 R${key}/W[1 2 1]/Length ${after}>>stream\n${'x'.repeat(after)}\nendstream\nendobj\nstartxref`);
  const at = stream(0, 5).indexOf('/Encrypt');
  for (const one of [trailer, stream(0, 30000), stream(524288 - at - 4, 600000), stream(600000, 10)]) {
    assert.ok(one.includes(key));
    const answer = await upload(here.client, here.path, Buffer.from(one, 'latin1'), 'locked.pdf');
    assert.deepEqual([answer.status, answer.body.code], [422, 'encrypted_pdf'], answer.text);
    assert.match(answer.body.detail, /without a password and send it again/);
  }
  assert.equal(stored(), count);
  // A file that only mentions encryption is not encrypted.
  for (const word of ['/EncryptMetadata true', '(to /Encrypt a file)'])
    assert.equal((await upload(here.client, here.path, Buffer.from(text.replace('/Root 1 0 R >>', `/Root 1 0 R ${word} >>`), 'latin1'))).status, 201, word);
});

test('a file that is empty, too large, or without a name is refused', async () => {
  const count = stored();
  assert.equal((await upload(here.client, here.path, Buffer.alloc(0))).status, 422);
  await withSetting('attachment_max_bytes', '100000', async () => {
    const answer = await upload(here.client, here.path, pdf(100000));
    assert.equal(answer.status, 413);
    assert.equal(answer.body.code, 'too_large');
  });
  for (const header of ['attachment', 'attachment; filename=""', 'attachment; filename="///"', 'attachment; filename=".. "', "attachment; filename*=UTF-8''%FF%FE", "attachment; filename*=UTF-8''a%00b.pdf"]) {
    const answer = await upload(here.client, here.path, pdf(), '', { 'content-disposition': header });
    assert.equal(answer.status, 422, header);
    assert.ok('Content-Disposition' in faults(answer));
  }
  assert.equal(stored(), count);
});

test('names lose folders, control characters, and marks that reverse the text, and keep their extension', async () => {
  for (const [header, name] of [
    ['attachment; filename="..\\\\..\\\\windows\\\\notes.pdf"', 'notes.pdf'], ['attachment; filename="../../etc/passwd"', 'passwd'],
    ["attachment; filename*=UTF-8''..%2F..%2Fx.pdf", 'x.pdf'], ["attachment; filename*=UTF-8''evil%E2%80%AEfdp.pdf", 'evilfdp.pdf'],
    ["attachment; filename=\"plain.pdf\"; filename*=UTF-8''caf%C3%A9.pdf", 'café.pdf'], ["attachment; filename*=UTF-8''a%0D%0Ab.pdf", 'ab.pdf'],
  ]) {
    const answer = await upload(here.client, here.path, pdf(), '', { 'content-disposition': header });
    assert.equal(answer.status, 201, `${header}: ${answer.text}`);
    assert.equal(answer.body.file_name, name);
  }
  const long = await upload(here.client, here.path, pdf(), `${'é'.repeat(300)}.pdf`);
  assert.ok(Buffer.byteLength(long.body.file_name) <= 200 && long.body.file_name.endsWith('.pdf'), long.body.file_name);
});

test('when a client disconnects halfway through the body, nothing is stored, and the next upload works', async () => {
  const count = stored();
  const url = new URL(demo.base_url);
  const bytes = pdf(200000);
  await new Promise((done, failed) => {
    const socket = connect({ host: '127.0.0.1', port: url.port, servername: 'localhost', ca: readFileSync(demo.ca_file) }, () => {
      socket.write(`POST ${here.path}/attachments HTTP/1.1\r\nHost: ${url.host}\r\nCookie: ${here.client.cookie}\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="x.pdf"\r\nContent-Length: ${bytes.length}\r\n\r\n`);
      socket.write(bytes.subarray(0, 100000), () => { socket.destroy(); done(); });
    });
    socket.on('error', failed);
  });
  await pause(500);
  assert.equal(stored(), count);
  assert.equal((await upload(here.client, here.path, pdf())).status, 201);
});

test('many uploads at once are each stored whole', async () => {
  const all = await Promise.all([...Array(12).keys()].map((i) => {
    const bytes = pdf(100000 * (i + 1), `file ${i}`);
    return upload(here.client, here.path, bytes, `${i}.pdf`).then((answer) => ({ answer, bytes }));
  }));
  for (const { answer, bytes } of all) {
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.body.sha256, sha256(bytes));
  }
});

test('an upload needs the function Claims and an account of one\'s own', async () => {
  const other = await office(['eligibility']);
  assert.equal((await upload(other.client, other.path, pdf())).status, 403);
  assert.equal((await upload(other.client, here.path, pdf())).status, 404);
  const may = async (client, path) => (await client.get(`${path}/attachments`)).status;
  assert.deepEqual([await may(here.client, here.path), await may(other.client, other.path), await may(other.client, here.path)], [204, 403, 404],
    'and is told before a file is sent');
});
