// The secret of a new token: shown once, and what is said when the answer with it was lost.
// SPDX-License-Identifier: Apache-2.0
import { cleanup, render, screen } from '@testing-library/preact';
import { afterEach, expect, test } from 'vitest';
import { Made } from '../src/areas/token/tokens';

afterEach(cleanup);

test('a new token is shown to be copied', () => {
  render(<Made made={{ name: 'nightly', secret: 'cnx_abc' }} done={() => {}} />);
  expect(screen.getByRole('region', { name: 'Copy the token nightly now' })).toBe(
    document.activeElement,
  );
  expect(screen.getByText('cnx_abc')).toBeTruthy();
});

test('a repeated answer has no secret: the person is told what to do', () => {
  render(<Made made={{ name: 'nightly', secret: null }} done={() => {}} />);
  expect(screen.getByRole('region', { name: 'The token nightly was lost' })).toBeTruthy();
  expect(screen.getByText(/Revoke it and create another/)).toBeTruthy();
  expect(screen.queryByText('I have copied it')).toBeNull();
});
