import { Suspense, lazy, useEffect } from 'react';
import { QueryClientProvider } from '@tanstack/react-query';
import { Redirect, Route, Switch } from 'wouter';
import { withTexts } from '../i18n';
import { HomePage } from '../pages/HomePage';
import { BlockSkeleton } from '../ui/States';
import { ErrorBoundary } from './ErrorBoundary';
import { NotFoundPage } from '../pages/NotFoundPage';
import { Shell } from './Shell';
import { usePush } from '../notifications/usePush';
import { useLiveEntries } from '../live/useLiveEntries';
import { useMe } from './me';
import { queryClient } from './queries';
import { StepUp } from '../session/StepUp';
import { useResumePending } from '../pay/useResumePending';

const load = {
  send: withTexts(['schedules', 'proof'], () => import('../pages/send/SendPage')),
  receive: () => import('../pages/ReceivePage'),
  activity: withTexts(['proof'], () => import('../pages/ActivityPage')),
  transaction: withTexts(['holds', 'proof'], () => import('../pages/TransactionPage')),
  insights: () => import('../pages/InsightsPage'),
  settings: withTexts(['security', 'notifications'], () => import('../pages/SettingsPage')),
  security: withTexts(['security'], () => import('../pages/security/SecurityPage')),
  notifications: withTexts(['notifications'], () => import('../notifications/NotificationsPage')),
  pay: () => import('../pages/PayPage'),
  payroll: () => import('../payroll/PayrollPage'),
  requests: withTexts(['proof'], () => import('../pages/requests/RequestsPages')),
  receiveCard: () => import('../pages/ReceiveCard'),
  scan: () => import('../pages/ScanPage'),
  statement: withTexts(['proof'], () => import('../proof/StatementPage')),
  schedules: withTexts(['schedules'], () => import('../schedules/Schedules')),
  mandates: withTexts(['mandates'], () => import('../mandates/Mandates')),
  splits: withTexts(['splits'], () => import('../splits/Splits')),
  holds: withTexts(['holds'], () => import('../holds/Holds')),
  console: withTexts(['console'], () => import('../console/Console')),
};
const SendPage = lazy(load.send);
const ReceivePage = lazy(load.receive);
const ActivityPage = lazy(load.activity);
const TransactionPage = lazy(load.transaction);
const InsightsPage = lazy(load.insights);
const SettingsPage = lazy(load.settings);
const SecurityPage = lazy(load.security);
const NotificationsPage = lazy(load.notifications);
const PayPage = lazy(load.pay);
const PayrollPage = lazy(load.payroll);
const RequestsPages = lazy(load.requests);
const ReceiveCard = lazy(load.receiveCard);
const ScanPage = lazy(load.scan);
const StatementPage = lazy(load.statement);
const Schedules = lazy(load.schedules);
const Mandates = lazy(load.mandates);
const Splits = lazy(load.splits);
const Holds = lazy(load.holds);
const Console = lazy(load.console);

// The page of this address is on its way while the server is still asked who is there.
const [, first = ''] = window.location.pathname.split('/');
if (Object.hasOwn(load, first)) load[first as keyof typeof load]().catch(() => undefined);

const whenIdle: (run: () => void) => void =
  'requestIdleCallback' in window
    ? (run) => window.requestIdleCallback(run)
    : (run) => void setTimeout(run, 1500);

function Pages() {
  const me = useMe();
  useLiveEntries(me);
  useResumePending(me);
  usePush(me);

  useEffect(() => {
    // The next page people open comes before they ask; without a network, when they ask.
    whenIdle(() => void load.send().catch(() => undefined));
  }, []);

  return (
    <Shell me={me}>
      <ErrorBoundary>
        <Suspense fallback={<BlockSkeleton />}>
          <Switch>
            <Route path="/">
              <HomePage me={me} />
            </Route>
            <Route path="/send/*?">
              <SendPage me={me} />
            </Route>
            <Route path="/pay">
              <PayPage me={me} />
            </Route>
            <Route path="/payroll">
              <PayrollPage me={me} />
            </Route>
            <Route path="/r/:code">
              {({ code }) => <RequestsPages key={code} me={me} code={code} />}
            </Route>
            <Route path="/requests/*?">
              <RequestsPages me={me} />
            </Route>
            <Route path="/scan">
              <ScanPage />
            </Route>
            <Route path="/receive/card">
              <ReceiveCard me={me} />
            </Route>
            <Route path="/statement">
              <StatementPage me={me} />
            </Route>
            <Route path="/schedules/*?">
              <Schedules />
            </Route>
            <Route path="/mandates/*?">
              <Mandates me={me} />
            </Route>
            <Route path="/splits/*?">
              <Splits me={me} />
            </Route>
            <Route path="/holds/*?">
              <Holds me={me} />
            </Route>
            <Route path="/receive">
              <ReceivePage me={me} />
            </Route>
            <Route path="/activity">
              <ActivityPage me={me} />
            </Route>
            <Route path="/activity/:id">
              {({ id }) => <TransactionPage key={id} me={me} id={id} />}
            </Route>
            <Route path="/notifications">
              <NotificationsPage me={me} />
            </Route>
            <Route path="/insights">
              <InsightsPage me={me} />
            </Route>
            <Route path="/settings">
              <SettingsPage me={me} />
            </Route>
            <Route path="/settings/security">
              <SecurityPage me={me} />
            </Route>
            <Route path="/console/*?">
              {me.role === 'user' ? <Redirect to="/" replace /> : <Console me={me} />}
            </Route>
            <Route>
              <NotFoundPage />
            </Route>
          </Switch>
        </Suspense>
        <StepUp />
      </ErrorBoundary>
    </Shell>
  );
}

/** Everything behind the sign-in. */
export default function Wallet() {
  return (
    <QueryClientProvider client={queryClient}>
      <Pages />
    </QueryClientProvider>
  );
}
