// A page: its title in the tab, its h1, which takes focus after each move in the application, and its breadcrumb.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { summary } from './focus';

let moved = false; // the first page leaves focus where the browser put it

interface PageProps {
  title: string;
  /** The h1, where it is not just the title. */
  heading?: ComponentChildren;
  crumbs?: [href: string, label: string][];
  lead?: ComponentChildren;
  /** Buttons for the whole page, to the right of its heading. */
  actions?: ComponentChildren;
  narrow?: boolean;
  /** The step of a page that has several. The h1 takes focus with each step. */
  step?: string;
  children?: ComponentChildren;
}

export function Page({ title, heading, crumbs, lead, actions, narrow, step, children }: PageProps) {
  const h1 = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    document.title = `${summary() ? 'Error: ' : ''}${title} - Connex`;
  }, [title]);
  useEffect(() => {
    if (moved) {
      // a page that opens with errors, such as a step with errors from the server, starts at the summary
      (summary() ?? h1.current)?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    moved = true;
  }, [step]);

  return (
    <div class={narrow ? 'c-page c-page--narrow' : 'c-page'}>
      {crumbs?.length ? (
        <nav class="c-crumbs" aria-label="Breadcrumb">
          <ol role="list">
            {crumbs.map(([href, label]) => (
              <li key={href}>
                <a href={href}>{label}</a>
              </li>
            ))}
            <li aria-current="page">{title}</li>
          </ol>
        </nav>
      ) : null}
      <div class="c-page__head">
        <h1 ref={h1} tabIndex={-1}>
          {heading ?? title}
        </h1>
        {actions ? <div class="c-page__actions">{actions}</div> : null}
      </div>
      {lead ? <p class="c-lead">{lead}</p> : null}
      {children}
    </div>
  );
}
