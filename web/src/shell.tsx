// The frame of every page: skip link, header, navigation, footer. What they hold comes from the areas.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import { areas, navigationOf } from './areas';
import { complete, type Me } from './areas/session/session';
import { Note } from './ui/bits';
import { useKeptFocus } from './ui/focus';
import { instant } from './ui/format';

const banners = areas.flatMap((area) => area.banner ?? []);
const menu = areas.flatMap((area) => area.menu ?? []);
const footer = areas.flatMap((area) => area.footer ?? []);

interface ShellProps {
  me?: Me;
  ended: boolean;
  logOut: () => void;
  children: ComponentChildren;
}

export function Shell({ me, ended, logOut, children }: ShellProps) {
  const done = complete(me);
  useKeptFocus();
  return (
    <>
      <a
        class="ds-c-skip-nav"
        href="#main"
        onClick={(e) => {
          e.preventDefault();
          e.stopPropagation();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to main content
      </a>
      <header class="c-header">
        <div class="c-bar c-header__row">
          <a class="c-brand" href={done ? '/home' : '/'}>
            Connex
          </a>
          <div class="c-chosen">
            {done ? banners.map((Banner, i) => <Banner key={i} me={me} />) : null}
          </div>
          {me ? <UserMenu me={me} logOut={logOut} /> : null}
        </div>
      </header>
      {done ? <Navigation me={me} /> : null}
      <main class="c-bar c-main" id="main" tabIndex={-1}>
        {ended ? (
          <Note tone="warn" heading="Your session has ended">
            <p>
              You were logged out because Connex was not used for a while, or because you logged out
              in another tab. Log in to return to this page.
            </p>
          </Note>
        ) : null}
        {done && me.kind === 'office' && me.provider_account ? (
          <p class="c-print-only">
            {me.provider_account.name}, PTAN {me.provider_account.ptan}, NPI{' '}
            {me.provider_account.npi}
          </p>
        ) : null}
        {children}
        {me ? (
          <p class="c-print-only">
            Printed by {me.user_id}, {instant(new Date().toISOString())}, {location.host}
          </p>
        ) : null}
      </main>
      <footer class="c-footer">
        <div class="c-bar c-footer__row">
          <p>Connex, the Medicare contractor’s provider portal</p>
          {footer.map(({ href, label }) => (
            <a key={href} href={href}>
              {label}
            </a>
          ))}
        </div>
      </footer>
    </>
  );
}

function UserMenu({ me, logOut }: { me: Me; logOut: () => void }) {
  const box = useRef<HTMLDetailsElement>(null);
  const { url } = useLocation();
  useEffect(() => {
    // closes after a choice, on Escape, and on a click outside it
    box.current?.removeAttribute('open');
    const away = (e: Event) => {
      if (e instanceof KeyboardEvent && e.key === 'Escape' && box.current?.open) {
        box.current.removeAttribute('open');
        box.current.querySelector('summary')?.focus();
      }
      if (e instanceof MouseEvent && !box.current?.contains(e.target as Node))
        box.current?.removeAttribute('open');
    };
    document.addEventListener('keydown', away);
    document.addEventListener('click', away);
    return () => {
      document.removeEventListener('keydown', away);
      document.removeEventListener('click', away);
    };
  }, [url]);
  return (
    <details class="c-user" ref={box}>
      <summary>
        {me.first_name} {me.last_name}
      </summary>
      <div class="c-user__menu">
        {(complete(me) ? menu : []).map(({ href, label }) => (
          <a key={href} href={href}>
            {label}
          </a>
        ))}
        <button type="button" onClick={logOut}>
          Log out
        </button>
      </div>
    </details>
  );
}

function Navigation({ me }: { me: Me }) {
  const { path } = useLocation();
  const [open, setOpen] = useState(false); // used on narrow screens only, where one button opens the list
  useEffect(() => setOpen(false), [path]);
  const entries = navigationOf(me, path);
  return (
    <nav class="c-nav" aria-label="Main">
      <div class="c-bar">
        <button
          type="button"
          class="c-nav__toggle"
          aria-expanded={open}
          aria-controls="navigation-list"
          onClick={() => setOpen(!open)}
        >
          Menu: {entries.find((entry) => entry.is(path))?.label ?? 'all pages'}
        </button>
        <ul role="list" id="navigation-list" class={open ? undefined : 'is-closed'}>
          {entries.map((entry) => (
            <li key={entry.href}>
              <a href={entry.href} aria-current={entry.is(path) ? 'page' : undefined}>
                {entry.label}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </nav>
  );
}
