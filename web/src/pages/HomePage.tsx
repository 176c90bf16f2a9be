import { Suspense, lazy } from 'react';
import {
  ArrowDownToLine,
  Eye,
  EyeOff,
  Inbox,
  Plus,
  QrCode,
  ScanLine,
  SendHorizontal,
} from 'lucide-react';
import { Link } from 'wouter';
import { FrozenNotice } from '../account/FrozenNotice';
import type { User } from '../api/types';
import { VerifyBanner } from '../app/VerifyBanner';
import { useT, withTexts } from '../i18n';
import { flatten } from '../lib/feed';
import { useHiddenBalance } from '../lib/hiddenBalance';
import { Avatar } from '../ui/Avatar';
import { ButtonLink } from '../ui/Button';
import { CountUp } from '../ui/CountUp';
import { EntryRow } from '../ui/EntryRow';
import { PageTitle } from '../ui/Page';
import { Empty, Failed, ListSkeleton } from '../ui/States';
import { PendingPayments } from '../pay/PendingPayments';
import { useMedia } from '../lib/useMedia';
import { WaitingRequests } from './requests/WaitingRequests';
import { useHistory, usePeople } from './history';
import { ThisMonth } from './ThisMonth';
import '../styles/home.css';

const kRecent = 6;

const HeldMoney = lazy(withTexts(['holds'], () => import('../holds/HeldMoney')));

function Balance({ me }: { me: User }) {
  const t = useT();
  const [hidden, setHidden] = useHiddenBalance();
  return (
    <section className="hero lattice" aria-label={t('home.balance')}>
      <div className="row between">
        <p className="hero-label">{t('home.balance')}</p>
        <button
          type="button"
          className="btn btn-icon hero-eye"
          aria-label={t('home.hideBalance')}
          aria-pressed={hidden}
          onClick={() => setHidden(!hidden)}
        >
          {hidden ? <EyeOff size={20} aria-hidden="true" /> : <Eye size={20} aria-hidden="true" />}
        </button>
      </div>
      <p className="hero-amount fits" data-testid="balance">
        {hidden ? (
          <span aria-label={t('home.hidden')}>••••••</span>
        ) : (
          <CountUp amount={me.balance} currency={me.currency} />
        )}
      </p>
      {me.held !== undefined && me.held > 0n && (
        <Suspense fallback={null}>
          <HeldMoney me={me} hidden={hidden} />
        </Suspense>
      )}
      <div className="hero-actions">
        <Link href="/send" className="hero-action">
          <SendHorizontal size={20} aria-hidden="true" className="flip" />
          {t('home.send')}
        </Link>
        <Link href="/receive" className="hero-action">
          <ArrowDownToLine size={20} aria-hidden="true" />
          {t('home.request')}
        </Link>
        <Link href="/scan" className="hero-action">
          <ScanLine size={20} aria-hidden="true" />
          {t('scan.open')}
        </Link>
      </div>
    </section>
  );
}

function QuickSend({ me }: { me: User }) {
  const t = useT();
  const { data } = usePeople(me.id);
  return (
    <section className="stack-s" aria-labelledby="quick">
      <h2 id="quick">{t('home.quick')}</h2>
      <ul className="people">
        <li>
          {/* Always there, so that nothing below moves when the people come, or none do. */}
          <Link href="/send" className="person">
            <span className="avatar avatar-l" aria-hidden="true">
              <Plus size={24} />
            </span>
            <span>{t('home.someoneNew')}</span>
          </Link>
        </li>
        {(data ?? Array.from({ length: 4 }, () => null)).map((person, index) => (
          <li key={person?.id ?? index}>
            {person ? (
              <Link href={`/send?to=${person.id}`} className="person">
                <Avatar name={person.displayName} seed={person.id} size="l" />
                <bdi className="truncate">{person.displayName}</bdi>
              </Link>
            ) : (
              <span className="person" aria-hidden="true">
                <span className="skeleton avatar avatar-l" />
                <span className="skeleton sk-line" />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function HomePage({ me }: { me: User }) {
  const t = useT();
  const history = useHistory(me.id);
  const items = flatten(history.data).slice(0, kRecent);
  const wide = useMedia('(min-width: 1180px)');
  return (
    <div className="home">
      <div className="stack-l">
        <PageTitle>{t('home.hello', { name: me.displayName })}</PageTitle>
        <FrozenNotice me={me} />
        <VerifyBanner me={me} />
        <PendingPayments me={me} />
        {!wide && <WaitingRequests />}
        <Balance me={me} />
        <QuickSend me={me} />
        <section aria-labelledby="recent">
          <div className="section-head">
            <h2 id="recent">{t('home.recent')}</h2>
            <Link href="/activity" className="small">
              {t('home.all')}
            </Link>
          </div>
          <div className="card card-flush">
            {history.isPending ? (
              <ListSkeleton />
            ) : history.isError && items.length === 0 ? (
              <Failed error={history.error} onRetry={() => void history.refetch()} />
            ) : items.length === 0 ? (
              <Empty
                icon={Inbox}
                title={t('home.emptyTitle')}
                action={
                  <ButtonLink href="/receive" look="outline">
                    <QrCode size={18} aria-hidden="true" />
                    {t('home.emptyAction')}
                  </ButtonLink>
                }
              >
                {t('home.emptyBody')}
              </Empty>
            ) : (
              <ul className="list">
                {items.map((entry) => (
                  <li key={entry.id}>
                    <EntryRow entry={entry} time="short" />
                  </li>
                ))}
              </ul>
            )}
          </div>
        </section>
      </div>
      {wide && <ThisMonth me={me} />}
    </div>
  );
}
