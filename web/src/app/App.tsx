import { Suspense, lazy } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { withTexts } from '../i18n';
import { useRawSearch } from '../lib/search';
import { useSession } from '../session/session';
import { SignInPage } from '../pages/SignInPage';
import { Toasts } from '../ui/toast';
import { ErrorBoundary } from './ErrorBoundary';
import { loadWallet } from './loadWallet';
import { Splash, Unreachable } from './Splash';

const ForgotPasswordPage = lazy(() => import('../pages/ForgotPasswordPage'));
const ResetPasswordPage = lazy(() => import('../pages/ResetPasswordPage'));
const VerifyEmailPage = lazy(() => import('../pages/VerifyEmailPage'));
const ChangeEmailPage = lazy(() => import('../pages/ChangeEmailPage'));
const UndoEmailPage = lazy(() => import('../pages/UndoEmailPage'));
const RegisterPage = lazy(() => import('../pages/RegisterPage'));
const VerifyPage = lazy(withTexts(['proof'], () => import('../proof/VerifyPage')));
const LinkPage = lazy(withTexts(['requests'], () => import('../pages/requests/LinkPage')));
const Wallet = lazy(loadWallet);

function safeNext(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/';
  // Only a path of this app: `//host` and `/\host` would leave it.
  return /^\/(?![/\\])/.test(next) ? next : '/';
}

function Doors() {
  const session = useSession();
  const [path] = useLocation();
  const search = useRawSearch();

  // By a link in a mail, whoever is signed in here.
  if (path === '/reset-password') return <ResetPasswordPage />;
  if (path === '/verify-email') return <VerifyEmailPage />;
  if (path === '/change-email') return <ChangeEmailPage />;
  if (path === '/undo-email') return <UndoEmailPage />;
  // For anybody, offline too.
  if (path === '/verify') return <VerifyPage />;
  if (session.status === 'restoring') return <Splash />;
  if (session.status === 'unreachable') return <Unreachable />;
  if (session.status === 'active') {
    if (path === '/sign-in' || path === '/register' || path === '/forgot-password')
      return <Redirect to={safeNext(search)} replace />;
    return <Wallet key={session.user.id} />;
  }
  const here = window.location.pathname + (search ? `?${search}` : '');
  return (
    <Switch>
      <Route path="/sign-in">
        <SignInPage />
      </Route>
      <Route path="/register">
        <RegisterPage />
      </Route>
      <Route path="/forgot-password">
        <ForgotPasswordPage />
      </Route>
      <Route path="/r/:code">{({ code }) => <LinkPage key={code} code={code} />}</Route>
      <Route>
        <Redirect
          to={
            here === '/' || session.reason === 'signed-out'
              ? '/sign-in'
              : `/sign-in?next=${encodeURIComponent(here)}`
          }
          replace
        />
      </Route>
    </Switch>
  );
}

export function App() {
  return (
    <ErrorBoundary>
      <Suspense fallback={<Splash />}>
        <Doors />
      </Suspense>
      <Toasts />
    </ErrorBoundary>
  );
}
