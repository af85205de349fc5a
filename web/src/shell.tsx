// What stands round every screen: skip link, product name, the chosen provider account, the person, the areas, the footer.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import { areasOf } from './areas/areas';
import { useFollowAccount, useOnlyAccount } from './areas/provider-account/account';
import { complete, type Me } from './areas/session/session';
import { Note } from './ui/bits';
import { useKeptFocus } from './ui/focus';
import { instant } from './ui/format';

interface ShellProps {
  me?: Me;
  ended: boolean;
  logOut: () => void;
  children: ComponentChildren;
}

export function Shell({ me, ended, logOut, children }: ShellProps) {
  const done = complete(me);
  useKeptFocus();
  useFollowAccount(me);
  useOnlyAccount(me);
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
          {done && me.kind === 'office' ? <Chosen me={me} /> : <div class="c-chosen" />}
          {me ? <UserMenu me={me} logOut={logOut} /> : null}
        </div>
      </header>
      {done ? <Areas me={me} /> : null}
      <main class="c-bar c-main" id="main" tabIndex={-1}>
        {ended ? (
          <Note tone="warn" heading="Your session has ended">
            <p>
              Connex was not used for a while, or you logged out in another tab. Log in to come back
              to this page.
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
          <a href="/help">Help</a>
          <a href="/help#accessibility">Accessibility</a>
          <a href="/help#privacy">Privacy</a>
        </div>
      </footer>
    </>
  );
}

function Chosen({ me }: { me: Me }) {
  const { path } = useLocation();
  const account = me.provider_account;
  if (!account)
    return (
      <div class="c-chosen">
        <a href="/provider-accounts">Choose a provider account</a>
      </div>
    );
  return (
    <div class="c-chosen">
      <strong>{account.name}</strong>
      <span>
        PTAN {account.ptan} · NPI {account.npi}{' '}
      </span>
      <a href={`/provider-accounts?back=${encodeURIComponent(path)}`}>
        Change<span class="ds-u-visibility--screen-reader"> provider account</span>
      </a>
    </div>
  );
}

function UserMenu({ me, logOut }: { me: Me; logOut: () => void }) {
  const box = useRef<HTMLDetailsElement>(null);
  const { url } = useLocation();
  useEffect(() => {
    // closes after a choice, on Escape and on a click elsewhere
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
        {!complete(me) ? null : <a href="/account">Manage account</a>}
        <button type="button" onClick={logOut}>
          Log out
        </button>
      </div>
    </details>
  );
}

function Areas({ me }: { me: Me }) {
  const { path } = useLocation();
  const [open, setOpen] = useState(false); // counts on narrow screens only, where the areas hide behind one button
  useEffect(() => setOpen(false), [path]);
  const areas = areasOf(me, path);
  return (
    <nav class="c-nav" aria-label="Areas">
      <div class="c-bar">
        <button
          type="button"
          class="c-nav__toggle"
          aria-expanded={open}
          aria-controls="areas-list"
          onClick={() => setOpen(!open)}
        >
          Menu: {areas.find((area) => area.is(path))?.label ?? 'all areas'}
        </button>
        <ul role="list" id="areas-list" class={open ? undefined : 'is-closed'}>
          {areas.map((area) => (
            <li key={area.name}>
              <a href={area.href} aria-current={area.is(path) ? 'page' : undefined}>
                {area.label}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </nav>
  );
}
