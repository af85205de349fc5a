// The warning before the end of a session follows the server's clock, and asks again before it warns or ends (SES-01).
// SPDX-License-Identifier: Apache-2.0
import { act, cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { session } from '../src/api/client';
import { SessionWarning } from '../src/ui/session-warning';

const MINUTE = 60_000;
const onCheck = vi.fn(async () => {});
const onStay = vi.fn();
const onLogOut = vi.fn();
const onEnd = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T15:00:00Z') });
  session.expiresAt = Date.now() + 15 * MINUTE;
  session.warnMs = 2 * MINUTE;
  for (const spy of [onCheck, onStay, onLogOut, onEnd]) spy.mockReset();
  onCheck.mockImplementation(async () => {});
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  session.expiresAt = 0;
});

const show = () =>
  render(<SessionWarning onCheck={onCheck} onStay={onStay} onLogOut={onLogOut} onEnd={onEnd} />);
const pass = (ms: number) =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
const open = () => document.querySelector('dialog')?.open ?? false;

test('quiet until two minutes before the end, then it warns, after asking the server once', async () => {
  show();
  await pass(12 * MINUTE);
  expect(open()).toBe(false);
  expect(onCheck).not.toHaveBeenCalled();
  await pass(MINUTE + 2000);
  expect(open()).toBe(true);
  expect(onCheck).toHaveBeenCalledTimes(1);
  fireEvent.click(screen.getByText('Stay logged in'));
  expect(onStay).toHaveBeenCalled();
});

test('no warning when another tab has extended the session', async () => {
  onCheck.mockImplementationOnce(async () => {
    session.expiresAt += 10 * MINUTE;
  });
  show();
  await pass(14 * MINUTE);
  expect(onCheck).toHaveBeenCalledTimes(1);
  expect(open()).toBe(false);
});

test('ends at the end, after asking once more', async () => {
  show();
  await pass(15 * MINUTE + 3000);
  expect(onCheck).toHaveBeenCalledTimes(2);
  expect(onEnd).toHaveBeenCalled();
});

test('an answer that arrives at the very end still ends the session', async () => {
  let answered = true;
  onCheck.mockImplementation(async () => {
    answered = false;
    session.onChange(); // every answer reports the session's end before its caller gets it
    await Promise.resolve();
    answered = true;
  });
  onEnd.mockImplementation(() => expect(answered).toBe(true));
  show();
  await pass(15 * MINUTE + 3000);
  expect(onEnd).toHaveBeenCalled();
});

test('nobody logged in: nothing happens', async () => {
  session.expiresAt = 0;
  show();
  await pass(30 * MINUTE);
  expect([open(), onCheck.mock.calls.length, onEnd.mock.calls.length]).toEqual([false, 0, 0]);
});
