// Build and unit tests of the web client. No plugin: Vite's own compiler reads Preact's JSX.
// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { slimCss } from './tools/slim-css.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    // two copies of Preact would not share hooks
    dedupe: ['preact'],
    alias: [
      // the design system uses two lodash helpers; these few lines replace 7 kB
      { find: 'lodash/get', replacement: here('./src/ui/lodash-get.ts') },
      { find: 'lodash/uniqueId', replacement: here('./src/ui/lodash-unique-id.ts') },
      { find: /^react(-dom)?$/, replacement: 'preact/compat' },
      { find: 'react/jsx-runtime', replacement: 'preact/jsx-runtime' },
    ],
  },
  css: { postcss: { plugins: [slimCss()] } },
  define: { 'process.env.NODE_ENV': JSON.stringify(process.env.NODE_ENV ?? 'production') },
  // assetsInlineLimit 0: our Content-Security-Policy blocks fonts and scripts in data: URLs
  build: {
    target: 'es2022',
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': { target: process.env.CONNEX_API ?? 'https://localhost:8443', secure: false },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    server: { deps: { inline: [/@cmsgov\/design-system/, /@testing-library\/preact/] } },
  },
});
