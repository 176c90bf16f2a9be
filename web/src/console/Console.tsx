import { useEffect, useRef, type ReactNode } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { NotFoundPage } from '../pages/NotFoundPage';
import { ActionsPage } from './ActionsPage';
import { ApprovalsPage, WaitingCount } from './ApprovalsPage';
import { CommandBar } from './CommandBar';
import { LedgerPage } from './LedgerPage';
import { OverviewPage } from './OverviewPage';
import { TransactionsPage } from './TransactionsPage';
import { UserPage } from './UserPage';
import { UsersPage } from './UsersPage';
import { kPages } from './pages';
import '../styles/console.css';
import '../styles/insights.css';

function Tab({ href, children }: { href: string; children: ReactNode }) {
  const [path] = useLocation();
  const current = href === '/console' ? path === href : path.startsWith(href);
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // On a phone there are more tabs than the screen is wide.
    if (current) item.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <li ref={item}>
      <Link href={href} className="tab" aria-current={current ? 'page' : undefined}>
        {children}
      </Link>
    </li>
  );
}

/** For staff; the server decides what each may do, the page only what it offers. */
export default function Console({ me }: { me: User }) {
  const t = useT();
  return (
    <div className="stack console">
      <nav aria-label={t('console.title')} className="console-nav">
        <ul className="tabs">
          {kPages.map(([href, name]) => (
            <Tab key={href} href={href}>
              {t(name)}
              {href === '/console/approvals' && <WaitingCount />}
            </Tab>
          ))}
        </ul>
        <CommandBar />
      </nav>
      <Switch>
        <Route path="/console">
          <OverviewPage me={me} />
        </Route>
        <Route path="/console/users">
          <UsersPage />
        </Route>
        <Route path="/console/users/:id">{({ id }) => <UserPage key={id} me={me} id={id} />}</Route>
        <Route path="/console/transactions">
          <TransactionsPage />
        </Route>
        <Route path="/console/approvals">
          <ApprovalsPage />
        </Route>
        <Route path="/console/actions">
          <ActionsPage />
        </Route>
        <Route path="/console/ledger">
          <LedgerPage />
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </div>
  );
}
