// What was typed in a tab is dropped at Log out and when another person logs in. It survives the end of a session.
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

test('it is there for the same person and not for another', () => {
  belongTo('ABCD123'); // typed before a log-in, as a registration is: it does not belong to the person who logs in
  expect(draft).toBe('');
  draft = 'typed';
  expect(belongTo('ABCD123')).toBe(false);
  expect(draft).toBe('typed');
  expect(belongTo('WXYZ789')).toBe(true);
  expect(draft).toBe('');
});

test('Log out drops it; before a log-in, a Log out in another tab drops nothing', () => {
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
