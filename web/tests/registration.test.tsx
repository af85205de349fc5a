// After a registration the log-in page says that it worked and what to do now (REG-14).
// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/preact-query';
import { cleanup, render, screen } from '@testing-library/preact';
import { LocationProvider } from 'preact-iso';
import { afterEach, expect, test } from 'vitest';
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
