// Manage account: profile, password, provider access, tokens; each part has its address.
// SPDX-License-Identifier: Apache-2.0
import { useRoute } from 'preact-iso';
import { useSession } from '../session/session';
import { AccessCode } from './access-code';
import { Password } from './password';
import { Profile } from './profile';
import { ProviderAccess } from './provider-access';
import { RequestAccess } from './request-access';
import { Tokens } from './tokens';

const PARTS = [
  ['', 'Profile'],
  ['password', 'Password'],
  ['provider-access', 'My provider access'],
  ['tokens', 'Tokens for scripts'],
] as const;

export default function ManageAccount() {
  const part = useRoute().params.part ?? '';
  const analyst = useSession().data?.kind === 'analyst';
  const shown = part === 'request-access' || part === 'access-code' ? 'provider-access' : part;
  return (
    <>
      <nav aria-label="Manage account">
        <ul class="c-sub" role="list">
          {PARTS.filter(([key]) => !analyst || key === '' || key === 'password').map(
            ([key, label]) => (
              <li key={key}>
                <a
                  href={key ? `/account/${key}` : '/account'}
                  aria-current={shown === key ? 'page' : undefined}
                >
                  {label}
                </a>
              </li>
            ),
          )}
        </ul>
      </nav>
      <Part part={part} key={part} />
    </>
  );
}

function Part({ part }: { part: string }) {
  switch (part) {
    case 'password':
      return <Password />;
    case 'provider-access':
      return <ProviderAccess />;
    case 'request-access':
      return <RequestAccess />;
    case 'access-code':
      return <AccessCode />;
    case 'tokens':
      return <Tokens />;
    default:
      return <Profile />;
  }
}
