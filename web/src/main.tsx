// Starts the application.
// SPDX-License-Identifier: Apache-2.0
import '@cmsgov/design-system/css/index.css';
import '@cmsgov/design-system/css/core-theme.css';
import './app.css';
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
