import { useRef, type ReactNode } from 'react';
import {
  ChartNoAxesColumn,
  Clock,
  HandCoins,
  House,
  LayoutDashboard,
  QrCode,
  SendHorizontal,
} from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { Mark } from '../ui/Mark';
import { Bell } from './Bell';
import { ConnectivityBanner } from './ConnectivityBanner';
import { usePlaces } from './usePlaces';

function NavLink({
  href,
  className,
  children,
}: {
  href: string;
  className?: string;
  children: ReactNode;
}) {
  const [path] = useLocation();
  const current = href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
  return (
    <Link href={href} className={className ?? ''} aria-current={current ? 'page' : undefined}>
      {children}
    </Link>
  );
}

export function Shell({ me, children }: { me: User; children: ReactNode }) {
  const t = useT();
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const section = path.split('/')[1];
  const flow = path.startsWith('/send') ? 'send' : path;
  usePlaces(main);

  return (
    <div className={flow === 'send' ? 'shell shell-flow' : 'shell'}>
      <a
        className="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t('nav.skip')}
      </a>
      <header className="topbar">
        <Link href="/" className="brand" aria-label={t('nav.home')}>
          <Mark />
          <span>Mini-InstaPay</span>
        </Link>
        <Bell />
        <Link href="/settings" className="me-button" aria-label={t('nav.settings')}>
          <Avatar name={me.displayName} seed={me.id} />
        </Link>
      </header>
      <nav className="nav" aria-label={t('nav.main')}>
        <Link href="/" className="brand nav-desk">
          <Mark />
          <span>Mini-InstaPay</span>
        </Link>
        <ul>
          <li>
            <NavLink href="/">
              <House size={22} aria-hidden="true" />
              {t('nav.home')}
            </NavLink>
          </li>
          <li>
            <NavLink href="/activity">
              <Clock size={22} aria-hidden="true" />
              {t('nav.activity')}
            </NavLink>
          </li>
          <li className="nav-send">
            <NavLink href="/send">
              <SendHorizontal size={22} aria-hidden="true" className="flip" />
              {t('nav.send')}
            </NavLink>
          </li>
          <li>
            <NavLink href="/receive">
              <QrCode size={22} aria-hidden="true" />
              {t('nav.receive')}
            </NavLink>
          </li>
          <li className="nav-desk">
            <NavLink href="/requests">
              <HandCoins size={22} aria-hidden="true" />
              {t('nav.requests')}
            </NavLink>
          </li>
          <li>
            <NavLink href="/insights">
              <ChartNoAxesColumn size={22} aria-hidden="true" />
              {t('nav.insights')}
            </NavLink>
          </li>
          <li className="nav-desk">
            <Bell named />
          </li>
          {me.role !== 'user' && (
            <li className="nav-desk">
              <NavLink href="/console">
                <LayoutDashboard size={22} aria-hidden="true" />
                {t('nav.console')}
              </NavLink>
            </li>
          )}
        </ul>
        <NavLink href="/settings" className="me-button nav-desk">
          <Avatar name={me.displayName} seed={me.id} />
          <span className="grow me-text">
            <span className="item-title entry-name" dir="auto">
              {me.displayName}
            </span>
            <span className="item-sub">{t('nav.settings')}</span>
          </span>
        </NavLink>
      </nav>
      <div>
        <ConnectivityBanner />
        <main
          id="main"
          ref={main}
          tabIndex={-1}
          className={`page${section === 'console' ? ' page-wide' : path === '/' ? ' page-home' : ''}`}
        >
          {children}
        </main>
      </div>
    </div>
  );
}
