// Whose memory a tab's is: what was typed goes at Log out and with another person's log-in, and outlives a session that ended.
// SPDX-License-Identifier: Apache-2.0
import { beforeEach, expect, test } from 'vitest';
import { belongTo, forgetPerson, keeps } from '../src/ui/memory';

let draft = '';
keeps({ forget: () => (draft = ''), unsent: () => draft !== '' });

beforeEach(() => {
  belongTo('ABCD123');
  forgetPerson();
  draft = 'typed';
});
const closing = () => {
  const event = new Event('beforeunload', { cancelable: true });
  dispatchEvent(event);
  return event.defaultPrevented ? 'asks' : 'closes';
};

test('the same person finds it again, another does not', () => {
  belongTo('ABCD123'); // typed before any log-in, as a registration is: not the one's who logs in now
  expect(draft).toBe('');
  draft = 'typed';
  expect(belongTo('ABCD123')).toBe(false);
  expect(draft).toBe('typed');
  expect(belongTo('WXYZ789')).toBe(true);
  expect(draft).toBe('');
});

test('Log out drops it; before any log-in, a Log out in another tab takes nothing', () => {
  forgetPerson();
  expect(draft).toBe('typed');
  belongTo('ABCD123');
  draft = 'typed';
  forgetPerson();
  expect(draft).toBe('');
});

test('the tab asks before it closes only while something is unsent', () => {
  expect(closing()).toBe('asks');
  draft = '';
  expect(closing()).toBe('closes');
});
