// The routes, and who may see them: a screen that needs a log-in shows the log-in in its place, at the same address, and
// comes back after it.
// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/preact-query';
import type { ComponentType } from 'preact';
import { ErrorBoundary, lazy, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { session } from './api/client';
import { ApiError } from './api/problem';
import Help from './areas/help/help';
import NotFound from './areas/help/not-found';
import CantLogIn from './areas/recovery/cant-log-in';
import Landing from './areas/session/landing';
import { complete, extend, follow, forget, logOut, recheck, useSession } from './areas/session/session';
import { Shell } from './shell';
import { Waiting } from './ui/bits';
import { attestationQuery } from './ui/attestation';
import { SessionWarning } from './ui/session-warning';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status >= 502),
    },
  },
});

// the first thing a new person sees: asked for beside the page's own code, not after it
if (location.pathname.startsWith('/create-account')) void client.prefetchQuery(attestationQuery);

// screens without a log-in; a page that is only words comes with the first load, as the log-in does (2 kB): a second round
// trip for it would cost more than it weighs
const open = {
  CreateAccount: lazy(() => import('./areas/account/create-account')),
  ForgotUserId: lazy(() => import('./areas/recovery/forgot-user-id')),
  ForgotPassword: lazy(() => import('./areas/recovery/forgot-password')),
};

const Step = lazy(() => import('./areas/session/step'));

/** A screen for people who are logged in; whoever owes a step (e-mail, code, password) does that first. */
function member(load: () => Promise<{ default: ComponentType<any> }>): ComponentType<any> {
  const Screen = lazy(load);
  return function Member(props: Record<string, unknown>) {
    const me = useSession();
    if (me.isPending || (me.error && !me.data)) return <Waiting query={me} />;
    if (!me.data) return <Landing back />;
    if (!complete(me.data)) return <Step />;
    return <Screen key={me.data.user_id} {...props} />; // another person's screen begins anew
  };
}

const closed = {
  Home: member(() => import('./areas/home/home')),
  ProviderAccounts: member(() => import('./areas/provider-account/chooser')),
  Eligibility: member(() => import('./areas/eligibility/eligibility')),
  Claims: member(() => import('./areas/claim/claims')),
  Claim: member(() => import('./areas/claim/claim')),
  Appeals: member(() => import('./areas/appeal/appeals')),
  Appeal: member(() => import('./areas/appeal/appeal')),
  FileAppeal: member(() => import('./areas/appeal/file-appeal')),
  Remittances: member(() => import('./areas/remittance/remittances')),
  Remittance: member(() => import('./areas/remittance/remittance')),
  Account: member(() => import('./areas/account/manage-account')),
  Users: member(() => import('./areas/access/user-management')),
  Worklist: member(() => import('./areas/worklist/worklist')),
  WorklistAppeal: member(() => import('./areas/worklist/worklist-appeal')),
};

const PA = '/provider-accounts/:provider_account_id';

function Screens() {
  const { route, path } = useLocation();
  const me = useSession();
  const [ended, setEnded] = useState(false);

  const onEnd = useCallback(() => {
    if (session.expiresAt) setEnded(true); // who was not logged in here is not told that it ended
    forget(client);
  }, []);
  const onCheck = useCallback(async () => {
    if (!(await recheck(client))) onEnd();
  }, [onEnd]);
  useEffect(() => follow(onCheck, onEnd), [onCheck, onEnd]);
  useEffect(() => {
    if (me.data) setEnded(false);
  }, [me.data]);

  return (
    <Shell
      me={me.data ?? undefined}
      ended={ended && !me.data && path !== '/'}
      logOut={() => logOut(client).then(() => route('/?logged_out=yes'))}
    >
      <Router>
        <Route path="/" component={Landing} />
        <Route path="/create-account/:step?" component={open.CreateAccount} />
        <Route path="/cant-log-in" component={CantLogIn} />
        <Route path="/cant-log-in/user-id" component={open.ForgotUserId} />
        <Route path="/cant-log-in/password" component={open.ForgotPassword} />
        <Route path="/help" component={Help} />
        <Route path="/home" component={closed.Home} />
        <Route path="/provider-accounts" component={closed.ProviderAccounts} />
        <Route path={`${PA}/eligibility`} component={closed.Eligibility} />
        <Route path={`${PA}/claims`} component={closed.Claims} />
        <Route path={`${PA}/claims/:claim_id`} component={closed.Claim} />
        <Route path={`${PA}/claims/:claim_id/redetermination`} component={closed.FileAppeal} />
        <Route path={`${PA}/redeterminations`} component={closed.Appeals} />
        <Route path={`${PA}/redeterminations/:appeal_id`} component={closed.Appeal} />
        <Route path={`${PA}/remittances`} component={closed.Remittances} />
        <Route path={`${PA}/remittances/:remittance_id`} component={closed.Remittance} />
        <Route path="/account/:part?" component={closed.Account} />
        <Route path="/user-management/:access_id?" component={closed.Users} />
        <Route path="/worklist/:part?" component={closed.Worklist} />
        <Route path="/worklist/redeterminations/:appeal_id" component={closed.WorklistAppeal} />
        <Route path="/worklist/access-requests/:access_id" component={closed.Worklist} />
        <Route default component={NotFound} />
      </Router>
      <SessionWarning
        onCheck={onCheck}
        onStay={() => void extend().catch(() => undefined)}
        onLogOut={() => logOut(client).then(() => route('/?logged_out=yes'))}
        onEnd={onEnd}
      />
    </Shell>
  );
}

export function App() {
  return (
    <QueryClientProvider client={client}>
      <LocationProvider scope={/^\/(?!api\/)/}>
        {/* a link to the API, such as a receipt, is the browser's own */}
        <ErrorBoundary>
          <Screens />
        </ErrorBoundary>
      </LocationProvider>
    </QueryClientProvider>
  );
}
