import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { reportUser } from '../api/endpoints';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { timeZone } from '../lib/dates';
import { localDay } from '../lib/feed';
import { LimitRows, limitsQuery } from '../ui/LimitRows';
import { Money } from '../ui/Money';
import { Row } from '../ui/Rows';
import { WaitingCard } from './requests/WaitingRequests';

/** The month so far, and what can still be sent: beside the wallet where there is room. */
export function ThisMonth({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const today = localDay(new Date());
  const range = {
    startDate: `${today.slice(0, 7)}-01`,
    endDate: today,
    groupBy: 'month' as const,
    tz: timeZone(),
  };
  const { data } = useQuery({
    queryKey: ['report', 'user', me.id, range],
    queryFn: () => reportUser(me.id, range),
  });
  const limits = useQuery(limitsQuery(me.id)).data;
  const limited = (['perTransfer', 'leftToday'] as const).filter(
    (part) => limits && limits[part] !== null,
  );
  const month = new Intl.DateTimeFormat(locale, { month: 'long' }).format(new Date());
  const waiting = <span className="skeleton sk-text" aria-hidden="true" />;
  return (
    <aside className="stack home-aside" aria-label={t('home.month', { month })}>
      <WaitingCard />
      <section className="card" aria-labelledby="month">
        <div className="section-head">
          <h2 id="month">{month}</h2>
          <Link href="/insights" className="small">
            {t('nav.insights')}
          </Link>
        </div>
        <dl className="rows">
          <Row name={t('insights.in')} className="money-in">
            {data ? <Money amount={data.in.amount} currency={data.currency} /> : waiting}
          </Row>
          <Row name={t('insights.out')}>
            {data ? <Money amount={data.out.amount} currency={data.currency} /> : waiting}
          </Row>
          <Row name={t('insights.net')}>
            {data ? <Money amount={data.net} currency={data.currency} sign="always" /> : waiting}
          </Row>
        </dl>
      </section>
      {limited.length > 0 && (
        <section className="card" aria-labelledby="home-limits">
          <h2 id="home-limits">{t('limits.title')}</h2>
          <dl className="rows">
            <LimitRows id={me.id} parts={limited} />
          </dl>
        </section>
      )}
    </aside>
  );
}
