// Who sends the fuzzer's requests, and the records of others that none of them may see.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { makeBeneficiary, makeClaim, pdf } from '../support/claims.mjs';
import { enter, request, upload } from '../support/client.mjs';
import { one, sql } from '../support/instance.mjs';
import { ALL, grantAccess, letters, makeProviderAccount, makeSession, makeToken, makeUser, newCsn } from '../support/people.mjs';

/** A word that is in no other record and that nobody could guess. */
const marker = () => `Zq${letters(10).toLowerCase()}`;

/**
 * Another office, with a marker in every record that can hold one. `words` are the markers; `state()` changes when one of
 * its records does. The contractor's analyst may decide its appeals, so they are not part of the state.
 */
async function anotherOffice() {
  const words = [];
  const word = () => words[words.push(marker()) - 1];
  const account = makeProviderAccount({ name: `${word()} Clinic`, billing_street: `1 ${word()} Street`, csn: newCsn() });
  const officer = makeUser({ first_name: word(), last_name: word() });
  grantAccess(officer, account, { lso: true });
  sql(`UPDATE connex.access SET comment = :'word' WHERE provider_account_id = :'id'::bigint;`, { id: account.provider_account_id, word: word() });
  const claim = makeClaim(account, { last_name: word() });
  words.push(claim.mbi, claim.control_no, claim.patient_control_no, claim.payment_number);
  makeBeneficiary({ last_name: words.at(-5), first_name: word(), mbi: claim.mbi });
  const client = enter(officer), path = `/api/v1/provider-accounts/${account.provider_account_id}`;
  const appealed = makeClaim(account, { last_name: word() });
  const attachment = await upload(client, path, pdf(0, word()), `${word()}.pdf`);
  assert.equal(attachment.status, 201, attachment.text);
  const appeal = await client.expect(201, 'POST', `${path}/redeterminations`, { body: request(appealed, { requester_name: word(), reason: word(), attachment_ids: [attachment.body.attachment_id] }) });
  await client.expect(201, 'POST', '/api/v1/tokens', { body: { name: word(), functions: ['claims'], provider_account_ids: [account.provider_account_id], expires_on: one('SELECT connex.today() + 30 AS day').day } });
  return {
    words, ids: [account.provider_account_id, claim.claim_id, claim.remittance_id, appealed.claim_id, attachment.body.attachment_id, appeal.body.appeal_id],
    state: () => sql(`SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
        SELECT p::text AS line FROM connex.provider_account p WHERE provider_account_id = :'account'::bigint
        UNION ALL SELECT a::text FROM connex.access a WHERE provider_account_id = :'account'::bigint
        UNION ALL SELECT c::text FROM connex.claim c WHERE provider_account_id = :'account'::bigint
        UNION ALL SELECT f::text FROM connex.attachment f WHERE provider_account_id = :'account'::bigint
        UNION ALL SELECT count(*)::text || ' appeals' FROM connex.appeal WHERE provider_account_id = :'account'::bigint
        UNION ALL SELECT u::text FROM connex.user_account u WHERE user_id = :'user'
        UNION ALL SELECT c.password_hash FROM connex.credential c JOIN connex.user_account USING (user_account_id) WHERE user_id = :'user'
        UNION ALL SELECT t::text FROM connex.token t JOIN connex.user_account USING (user_account_id) WHERE user_id = :'user') lines`,
    { account: account.provider_account_id, user: officer.user_id }),
  };
}

/** A user of the same office as the callers. `words`: only the officer may see the name, and nobody the token. */
function colleague(account) {
  const person = makeUser({ last_name: marker() });
  grantAccess(person, account);
  const token = marker();
  makeToken(person);
  sql(`UPDATE connex.token SET name = :'token' FROM connex.user_account u WHERE u.user_account_id = token.user_account_id AND u.user_id = :'id';`, { token, id: person.user_id });
  return { name: person.last_name, token };
}

/**
 * The callers by name. Each has headers() with its credential, renew() for when a request ended the credential, and
 * hidden(operation), the words that its answers must not contain. `world` holds values for the requests.
 */
export async function makeWorld() {
  const others = await anotherOffice();
  const account = makeProviderAccount({ csn: newCsn() });
  const near = colleague(account);
  const [user, officer, analyst] = [makeUser(), makeUser(), makeUser({ kind: 'analyst' })];
  grantAccess(user, account);
  const restore = () => {
    // If the officer took away his own functions or decided about the user, there would be nothing left to ask for.
    sql(`UPDATE connex.access SET status = 'approved', functions = :'all'::text[], lso = (u.user_id = :'officer')
           FROM connex.user_account u WHERE u.user_account_id = access.user_account_id AND u.user_id IN (:'user', :'officer') AND provider_account_id = :'account'::bigint;`,
    { all: `{${ALL}}`, officer: officer.user_id, user: user.user_id, account: account.provider_account_id });
  };
  grantAccess(officer, account, { lso: true });
  const claims = [makeClaim(account), makeClaim(account, { status: 'paid', lines: [{ paid: 80 }] }), makeClaim(account, { status: 'pending' }),
    ...Array.from({ length: 20 }, () => makeClaim(account))];
  const byCookie = (person, hidden) => ({
    cookie: makeSession(person), hidden,
    headers() { return { cookie: this.cookie }; },
    renew() { this.cookie = makeSession(person); },
  });
  const everything = [...others.words, near.name, near.token];
  const callers = {
    nobody: { hidden: () => everything, headers: () => ({}), renew() {} },
    office: byCookie(user, () => everything),
    officer: byCookie(officer, () => [...others.words, near.token]),
    // The analyst decides the appeals and the requests for access of every office, and sees nothing else of them.
    staff: byCookie(analyst, (operation) => (operation['x-right'] === 'analyst' ? [near.token] : everything)),
    token: {
      secret: makeToken(user, ALL), hidden: () => everything,
      headers() { return { authorization: `Bearer ${this.secret}` }; },
      renew() { this.secret = makeToken(user, ALL); },
    },
  };
  const beneficiary = makeBeneficiary();
  const world = {
    account, claims, beneficiary, password: user.password,
    ids: [account.provider_account_id, ...claims.slice(0, 3).map(({ claim_id }) => claim_id), ...claims.map(({ remittance_id }) => remittance_id).filter(Boolean).slice(0, 2), '1', '2', '3', '9223372036854775807'],
    foreign: others.ids,
    remittances: claims.map(({ remittance_id }) => remittance_id).filter(Boolean),
    today: one('SELECT connex.today() AS day').day, later: one('SELECT connex.today() + 30 AS day').day,
    // Ids that answers gave, so that later requests find what earlier ones made: {appeal_id: [...], token_id: [...]}.
    found: {},
  };
  return { callers, world, others, restore };
}
