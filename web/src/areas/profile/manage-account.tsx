// The tabs of Manage account, above each of its pages. Every area adds its own tabs.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { tabsOf } from '..';
import { useSession } from '../session/session';

export function ManageAccount({ children }: { children: ComponentChildren }) {
  const me = useSession().data!;
  const { path } = useLocation();
  return (
    <>
      <nav aria-label="Manage account">
        <ul class="c-sub" role="list">
          {tabsOf(me).map((tab) => (
            <li key={tab.href}>
              <a href={tab.href} aria-current={tab.is(path) ? 'page' : undefined}>
                {tab.label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </>
  );
}
