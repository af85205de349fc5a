// Focus when a screen changes within one address (WCAG 2.4.3). A new step's heading takes it; and when what had it leaves the
// screen, the next thing round its place takes it, so that it never falls to nothing.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Faults to mend come first. */
export const summary = () => document.querySelector<HTMLElement>('.c-summary');

/** The heading of a step that appears within a screen; it takes focus then. */
export function StepHeading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}

/** The cell of a table, else the heading of the smallest part of the screen that still stands there. */
function placeOf(round: HTMLElement[]): HTMLElement | null {
  for (const one of round.filter((element) => element.isConnected)) {
    const place = one.closest<HTMLElement>('td, th') ?? one.querySelector<HTMLElement>('h1, h2');
    if (place) return place;
  }
  return null;
}

const SETTLED_MS = 60; // a new screen or step takes focus by itself first

/** Watches over focus for the whole application. */
export function useKeptFocus(): void {
  useEffect(() => {
    let round: HTMLElement[] = []; // what has focus and all that it stands in, innermost first
    const gone = () => !!round[0] && !round[0].isConnected;
    const onFocus = ({ target }: FocusEvent) => {
      round = [];
      for (let at = target as HTMLElement | null; at; at = at.parentElement) round.push(at);
    };
    const onBlur = () =>
      setTimeout(() => {
        // let go by the person, such as with a click beside everything
        if (document.activeElement === document.body && !gone() && document.hasFocus()) round = [];
      });
    const mend = () => {
      if (!gone() || document.activeElement !== document.body) return;
      const place = summary() ?? placeOf(round);
      if (!place) return; // what comes in its place is still on its way
      place.tabIndex = -1;
      place.focus({ preventScroll: true });
    };
    const watch = new MutationObserver(() => {
      if (gone()) setTimeout(mend, SETTLED_MS);
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
