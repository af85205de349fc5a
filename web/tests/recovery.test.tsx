// A forgotten password: the user ID is hidden while it is typed, and its button shows it (FGT-04).
// SPDX-License-Identifier: Apache-2.0
import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { LocationProvider } from 'preact-iso';
import { afterEach, expect, test } from 'vitest';
import ForgotPassword from '../src/areas/recovery/forgot-password';

afterEach(cleanup);

test('FGT-04: the user ID can be shown and hidden', () => {
  render(
    <LocationProvider>
      <ForgotPassword />
    </LocationProvider>,
  );
  const field = () => screen.getByLabelText(/User ID/) as HTMLInputElement;
  expect(field().type).toBe('password');
  fireEvent.click(screen.getByRole('button', { name: /^Show/ }));
  expect(field().type).toBe('text');
  fireEvent.click(screen.getByRole('button', { name: /^Hide/ }));
  expect(field().type).toBe('password');
});
