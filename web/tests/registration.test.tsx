// What a registration sends, and that the log-in page says afterwards that it worked and what to do now (REG-14).
// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/preact-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { LocationProvider } from 'preact-iso';
import { afterEach, expect, test, vi } from 'vitest';
import { api } from '../src/api/client';
import { FinishStep } from '../src/areas/registration/finish-step';
import { kept } from '../src/areas/registration/kept';
import Landing from '../src/areas/session/landing';

afterEach(cleanup);

const open = (path: string) => {
  history.replaceState(null, '', new URL(path, 'http://localhost:3000'));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LocationProvider>
        <Landing />
      </LocationProvider>
    </QueryClientProvider>,
  );
};

test('REG-14: a new person is told that the account is there, beside the log-in', async () => {
  open('/?created=yes');
  expect(await screen.findByText('Your account has been created')).toBeTruthy();
  expect(screen.getByText(/You can log in now/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Log in' })).toBeTruthy();
});

test('anyone else is told nothing of an account', () => {
  open('/');
  expect(screen.queryByText('Your account has been created')).toBeNull();
});

test('Finish after a lost answer sends the same Idempotency-Key, so that it makes one account', async () => {
  const keys: unknown[] = [];
  const post = vi.spyOn(api, 'POST').mockImplementation((_path: unknown, options: any) => {
    keys.push(options.params.header['Idempotency-Key']);
    return Promise.reject(new TypeError('Failed to fetch')) as never;
  });
  Object.assign(kept, {
    account: { user_id: 'ABCD123', password: 'x', password_again: 'x' },
    individual: { first_name: 'A', last_name: 'B' },
    business: { local_security_officer: 'no', functions: ['claims'] },
  });
  render(
    <LocationProvider>
      <FinishStep go={() => {}} />
    </LocationProvider>,
  );
  for (let sent = 1; sent <= 2; sent++) {
    fireEvent.click(await screen.findByRole('button', { name: 'Finish' }));
    await vi.waitFor(() => expect(keys).toHaveLength(sent));
    await screen.findByRole('button', { name: 'Finish' });
  }
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[1]).toBe(keys[0]);
  post.mockRestore();
});
