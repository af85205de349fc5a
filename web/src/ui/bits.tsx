// Small parts that many pages use: status badge, identifier, facts, progress, notes, dialogs, loading.
// SPDX-License-Identifier: Apache-2.0
import { Alert, Dialog } from '@cmsgov/design-system/preact';
import type { ComponentChildren } from 'preact';
import { useCallback, useRef, useState } from 'preact/hooks';
import { ApiError, words } from '../api/problem';

export type Tone = 'good' | 'bad' | 'wait' | 'plain';
const MARKS: Record<Tone, string> = { good: '✓', bad: '✕', wait: '◷', plain: '•' };

/** A status in words with a mark of its own shape, so that it never depends on color alone. */
export function Status({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`c-status c-status--${tone}`}>
      <span aria-hidden="true" class="c-status__mark">
        {MARKS[tone]}
      </span>
      {children}
    </span>
  );
}

/** An identifier. One click selects all of it; with `copy`, its name for screen readers, a button copies it. */
export function Id({ children, copy }: { children: string | null | undefined; copy?: string }) {
  const [copied, setCopied] = useState(false);
  if (!children) return <></>;
  return (
    <span class="c-id-box">
      <span class="c-id">{children}</span>
      {copy ? (
        <>
          {' '}
          <button
            type="button"
            class="c-copy"
            onClick={async () => {
              await navigator.clipboard.writeText(children);
              setCopied(true);
              setTimeout(() => setCopied(false), 3000);
            }}
          >
            Copy<span class="ds-u-visibility--screen-reader"> {copy}</span>
          </button>
          <span role="status" class="c-copied">
            {copied ? 'Copied' : ''}
          </span>
        </>
      ) : null}
    </span>
  );
}

interface FactsProps {
  items: (readonly [string, ComponentChildren] | null | false)[];
  /** One fact a line. */
  wide?: boolean;
}

/** Names and values. A fact without a value is left out. */
export function Facts({ items, wide }: FactsProps) {
  const shown = items.filter(
    (i): i is readonly [string, ComponentChildren] =>
      !!i && i[1] !== null && i[1] !== undefined && i[1] !== '' && i[1] !== false,
  );
  return (
    <dl class={wide ? 'c-facts c-facts--wide' : 'c-facts'}>
      {shown.map(([name, value], i) => (
        <div key={`${i} ${name}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ProgressProps {
  steps: readonly string[];
  at: number;
  label: string;
}

/** The steps of a task, and which of them the person is at. */
export function Progress({ steps, at, label }: ProgressProps) {
  return (
    <ol class="c-progress" aria-label={label}>
      {steps.map((step, i) => (
        <li
          key={step}
          class={i < at ? 'is-done' : i === at ? 'is-now' : ''}
          aria-current={i === at ? 'step' : undefined}
        >
          <span class="c-progress__number" aria-hidden="true">
            {i < at ? '✓' : i + 1}
          </span>
          <span>
            {step}
            {i < at ? <span class="ds-u-visibility--screen-reader">, done</span> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

export function Note({
  tone,
  heading,
  children,
}: {
  tone?: 'error' | 'warn' | 'success';
  heading?: string;
  children?: ComponentChildren;
}) {
  return (
    <Alert
      variation={tone}
      heading={heading}
      role={tone === 'error' ? 'alert' : 'status'}
      className="c-alert"
    >
      {children}
    </Alert>
  );
}

/** Shown in place of a page's content while it loads, and when it cannot be loaded. */
export function Waiting({
  query,
}: {
  query: { isPending: boolean; error: unknown; refetch: () => unknown };
}) {
  if (query.error) {
    const status = query.error instanceof ApiError ? query.error.status : 0;
    return (
      <Note tone="error" heading={status === 404 ? 'Not found' : 'This page cannot be shown'}>
        <p>{words(query.error)}</p>
        {status >= 400 && status < 500 && status !== 429 ? null : (
          <p>
            <button
              type="button"
              class="ds-c-button ds-c-button--small"
              onClick={() => query.refetch()}
            >
              Try again
            </button>
          </p>
        )}
      </Note>
    );
  }
  return query.isPending ? (
    <p class="c-loading" role="status">
      Loading…
    </p>
  ) : null;
}

interface AskProps {
  open: boolean;
  heading: string;
  close: () => void;
  actions: ComponentChildren;
  children: ComponentChildren;
}

/** A question in a dialog. Escape closes it; a click outside it does not. */
export function Ask({ open, heading, close, actions, children }: AskProps) {
  // The same function every time: with a new one, Dialog opens itself again if it was closed before the next drawing.
  const latest = useRef(close);
  latest.current = close;
  const exit = useCallback(() => latest.current(), []);
  return (
    <Dialog isOpen={open} onExit={exit} heading={heading} actions={actions} size="narrow">
      {open ? children : null}
    </Dialog>
  );
}

export function LinkButton({
  href,
  solid,
  small,
  children,
}: {
  href: string;
  solid?: boolean;
  small?: boolean;
  children: ComponentChildren;
}) {
  return (
    <a
      class={`ds-c-button${solid ? ' ds-c-button--solid' : ''}${small ? ' ds-c-button--small' : ''}`}
      href={href}
    >
      {children}
    </a>
  );
}

export function PrintButton() {
  return (
    <button type="button" class="ds-c-button ds-c-button--small" onClick={() => window.print()}>
      Print
    </button>
  );
}
