import { Suspense, lazy, useEffect } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { HomePage } from '../pages/HomePage';
import { BlockSkeleton } from '../ui/States';
import { ErrorBoundary } from './ErrorBoundary';
import { NotFoundPage } from '../pages/NotFoundPage';
import { Shell } from './Shell';
import { useLiveEntries } from '../live/useLiveEntries';
import { useMe } from './me';
import { StepUpDialog } from '../session/StepUpDialog';
import { useResumePending } from '../pay/useResumePending';

const load = {
  send: () => import('../pages/send/SendPage'),
  receive: () => import('../pages/ReceivePage'),
  activity: () => import('../pages/ActivityPage'),
  transaction: () => import('../pages/TransactionPage'),
  insights: () => import('../pages/InsightsPage'),
  settings: () => import('../pages/SettingsPage'),
  security: () => import('../pages/security/SecurityPage'),
  pay: () => import('../pages/PayPage'),
  payroll: () => import('../payroll/PayrollPage'),
  console: () => import('../console/Console'),
};
const SendPage = lazy(load.send);
const ReceivePage = lazy(load.receive);
const ActivityPage = lazy(load.activity);
const TransactionPage = lazy(load.transaction);
const InsightsPage = lazy(load.insights);
const SettingsPage = lazy(load.settings);
const SecurityPage = lazy(load.security);
const PayPage = lazy(load.pay);
const PayrollPage = lazy(load.payroll);
const Console = lazy(load.console);

const whenIdle: (run: () => void) => void =
  'requestIdleCallback' in window
    ? (run) => window.requestIdleCallback(run)
    : (run) => void setTimeout(run, 1500);

/** Everything behind the sign-in. */
export default function Wallet() {
  const me = useMe();
  useLiveEntries(me);
  useResumePending(me);

  useEffect(() => {
    // The next pages people open come before they ask.
    whenIdle(() => void Promise.all([load.send(), load.activity(), load.transaction()]));
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
            <Route path="/receive">
              <ReceivePage me={me} />
            </Route>
            <Route path="/activity">
              <ActivityPage me={me} />
            </Route>
            <Route path="/activity/:id">
              {({ id }) => <TransactionPage key={id} me={me} id={id} />}
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
      </ErrorBoundary>
      <StepUpDialog />
    </Shell>
  );
}
