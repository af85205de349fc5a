// One screen: its title in the tab, its h1 that takes focus after each move inside the application, its way back.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { summary } from './focus';

let moved = false; // the very first page leaves focus where the browser put it

interface PageProps {
  title: string;
  /** Shown instead of the title in the h1, where it needs more than plain text. */
  heading?: ComponentChildren;
  crumbs?: [href: string, label: string][];
  lead?: ComponentChildren;
  /** Buttons of the whole page, at the right of its heading. */
  actions?: ComponentChildren;
  narrow?: boolean;
  /** Names the step of a page that has several; the h1 takes focus with each. */
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
      // a page that opens with faults to mend, such as a step that the server led back to, begins there
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
