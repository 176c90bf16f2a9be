import { ChevronRight, HandCoins } from 'lucide-react';
import { Link } from 'wouter';
import { useT } from '../../i18n';
import { RequestRow } from './RequestRow';
import { useWaiting } from './useRequests';
import '../../styles/requests.css';

const kShown = 4;

/** On the first page: that somebody asks for money. */
export function WaitingRequests() {
  const t = useT();
  const waiting = useWaiting().data ?? [];
  if (waiting.length === 0) return null;
  return (
    <Link href="/requests" className="notice notice-ok notice-link">
      <HandCoins size={18} aria-hidden="true" />
      <span className="grow">{t('requests.waiting', { count: waiting.length })}</span>
      <ChevronRight size={18} aria-hidden="true" className="flip" />
    </Link>
  );
}

/** The same beside the wallet, where there is room for who asks for what. */
export function WaitingCard() {
  const t = useT();
  const waiting = useWaiting().data ?? [];
  if (waiting.length === 0) return null;
  return (
    <section className="card card-flush" aria-labelledby="home-waiting">
      <div className="section-head card-head">
        <h2 id="home-waiting">{t('requests.waiting', { count: waiting.length })}</h2>
        <Link href="/requests" className="small">
          {t('home.all')}
        </Link>
      </div>
      <ul className="list">
        {waiting.slice(0, kShown).map((request) => (
          <li key={request.id}>
            <RequestRow request={request} side="received" />
          </li>
        ))}
      </ul>
    </section>
  );
}
