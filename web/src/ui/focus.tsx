// Focus when a page changes without a new address (WCAG 2.4.3). The heading of a new step takes it. When the element that had
// focus is removed, the nearest element that remains takes it, so that focus is never lost.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** The error summary: when there is one, it comes first. */
export const summary = () => document.querySelector<HTMLElement>('.c-summary');

/** The heading of a step that appears within a page; it takes focus. */
export function StepHeading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}

/** Where focus goes: to the table cell, or else to the heading of the smallest part that remains. */
function placeOf(chain: HTMLElement[]): HTMLElement | null {
  for (const one of chain.filter((element) => element.isConnected)) {
    const place = one.closest<HTMLElement>('td, th') ?? one.querySelector<HTMLElement>('h1, h2');
    if (place) return place;
  }
  return null;
}

const SETTLED_MS = 60; // time for a new page or step to take focus itself

/** Keeps focus from being lost anywhere in the application. */
export function useKeptFocus(): void {
  useEffect(() => {
    let chain: HTMLElement[] = []; // what has focus and its ancestors, innermost first
    const gone = () => !!chain[0] && !chain[0].isConnected;
    const onFocus = ({ target }: FocusEvent) => {
      chain = [];
      for (let at = target as HTMLElement | null; at; at = at.parentElement) chain.push(at);
    };
    const onBlur = () =>
      setTimeout(() => {
        // the person let go of it, such as with a click on the background
        if (document.activeElement === document.body && !gone() && document.hasFocus()) chain = [];
      });
    const recover = () => {
      if (!gone() || document.activeElement !== document.body) return;
      const place = summary() ?? placeOf(chain);
      if (!place) return; // its replacement is not there yet
      place.tabIndex = -1;
      place.focus({ preventScroll: true });
    };
    const watch = new MutationObserver(() => {
      if (gone()) setTimeout(recover, SETTLED_MS);
    });
    watch.observe(document.body, { childList: true, subtree: true });
    document.addEventListener('focusin', onFocus);
    document.addEventListener('focusout', onBlur);
    return () => {
      watch.disconnect();
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('focusout', onBlur);
    };
  }, []);
}
