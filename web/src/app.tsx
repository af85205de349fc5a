// The router. The pages come from the areas; a page that needs a log-in shows the log-in in its place, at the same address.
// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/preact-query';
import { ErrorBoundary, lazy, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { session } from './api/client';
import { ApiError } from './api/problem';
import { areas } from './areas';
import type { AreaRoute, Screen } from './areas/area';
import { member } from './areas/session/member';
import { extend, follow, forget, logOut, recheck, useSession } from './areas/session/session';
import { Shell } from './shell';
import { SessionWarning } from './ui/session-warning';
import { urlWith } from './ui/url-state';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status >= 502),
    },
  },
});

/** The fixed beginning of a route's path. */
const startOf = (path: string) => path.split('/:')[0]!;

/** Leads from an old address to the new one. */
function moved(from: string, to: string): Screen {
  return function Moved() {
    const { path, query, route } = useLocation();
    useEffect(() => route(urlWith(to + path.slice(from.length), query, {}), true), [path]);
    return null;
  };
}

function screenOf(route: AreaRoute): Screen {
  if ('movedTo' in route) return moved(startOf(route.path), route.movedTo);
  if ('screen' in route) return route.screen;
  return route.open ? lazy(route.load) : member(route.load);
}

const routes = areas.flatMap((area) => area.routes);
const screens = routes.map((route) => ({ path: route.path, screen: screenOf(route) }));

for (const route of routes)
  if ('ahead' in route && route.ahead && location.pathname.startsWith(startOf(route.path)))
    void client.prefetchQuery(route.ahead);

function Screens() {
  const { route, path } = useLocation();
  const me = useSession();
  const [ended, setEnded] = useState(false);

  const onEnd = useCallback(() => {
    if (session.expiresAt) setEnded(true); // only a person who was logged in here is told
    forget(client);
  }, []);
  const onCheck = useCallback(async () => {
    if (!(await recheck(client))) onEnd();
  }, [onEnd]);
  useEffect(() => follow(onCheck, onEnd), [onCheck, onEnd]);
  useEffect(() => {
    if (me.data) setEnded(false);
  }, [me.data]);
  const leave = () => logOut(client).then(() => route('/?logged_out=yes'));

  return (
    <Shell me={me.data ?? undefined} ended={ended && !me.data && path !== '/'} logOut={leave}>
      <Router>
        {screens.map((one) => (
          <Route key={one.path} path={one.path} component={one.screen} />
        ))}
      </Router>
      <SessionWarning
        onCheck={onCheck}
        onStay={() => void extend().catch(() => undefined)}
        onLogOut={leave}
        onEnd={onEnd}
      />
    </Shell>
  );
}

export function App() {
  return (
    <QueryClientProvider client={client}>
      {/* the browser itself follows a link to the API, such as a receipt */}
      <LocationProvider scope={/^\/(?!api\/)/}>
        <ErrorBoundary>
          <Screens />
        </ErrorBoundary>
      </LocationProvider>
    </QueryClientProvider>
  );
}
