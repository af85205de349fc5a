// The browser tests: Debian's Chromium against a running instance (CONNEX_DEMO names its demo.json, BASE_URL its address).
// SPDX-License-Identifier: Apache-2.0
import { defineConfig, devices } from '@playwright/test';
import { chromium, demo, results } from './helper/instance.mjs';

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.mjs',
  outputDir: `${results}/failures`,
  fullyParallel: false, // files side by side, the steps of one file in order
  workers: Number(process.env.E2E_WORKERS ?? 2),
  retries: 0,
  timeout: 90_000, // the server may run under AddressSanitizer on a busy machine
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    channel: undefined,
    viewport: { width: 1280, height: 900 },
    baseURL: process.env.BASE_URL ?? demo.base_url,
    ignoreHTTPSErrors: true, // the instance's own authority is not the browser's; curl and node trust it by its file
    locale: 'en-US',
    timezoneId: 'America/New_York',
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: 'retain-on-failure',
    launchOptions: { executablePath: chromium, args: quiet },
  },
  projects: [{ name: 'chromium' }],
});
