import { useState } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChartNoAxesColumn } from 'lucide-react';
import { Link } from 'wouter';
import { reportUser } from '../api/endpoints';
import type { User, UserReport } from '../api/types';
import { useLocale, useT } from '../i18n';
import { periodName, shortPeriod } from '../lib/dates';
import { digitsOf } from '../money/currency';
import { formatMoney, fromMinor } from '../money/money';
import { Avatar } from '../ui/Avatar';
import { Chart, type Point } from '../ui/Chart';
import { groupingOf, rangeFor, type Grouping } from '../ui/chartData';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { Segments } from '../ui/Segments';
import { BlockSkeleton, Empty, Failed } from '../ui/States';
import '../styles/insights.css';

export function InOutChart({ report, grouping }: { report: UserReport; grouping: Grouping }) {
  const t = useT();
  const locale = useLocale();
  const { currency } = report;
  const digits = digitsOf(currency);
  const points: Point[] = report.series.map((period) => ({
    id: period.periodStart,
    name: periodName(period.periodStart, grouping, locale),
    short: shortPeriod(period.periodStart, grouping, locale),
    values: [period.in, period.out],
  }));
  const text = (minor: bigint) => formatMoney(minor, currency, locale);
  return (
    <Chart
      kind="bars"
      title={t('insights.chart')}
      summary={t('insights.summary', {
        in: formatMoney(report.in.amount, currency, locale),
        out: formatMoney(report.out.amount, currency, locale),
      })}
      series={[
        { key: 'in', label: t('activity.in'), tone: 'in' },
        { key: 'out', label: t('activity.out'), tone: 'out' },
      ]}
      points={points}
      format={text}
      formatTick={(minor) =>
        new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(
          fromMinor(minor, digits) as `${number}`,
        )
      }
      periodLabel={t(`grouping.${grouping}`)}
    />
  );
}

export default function InsightsPage({ me }: { me: User }) {
  const t = useT();
  const [grouping, setGrouping] = useState<Grouping>('day');
  const range = rangeFor(grouping);
  const query = useQuery({
    queryKey: ['report', 'user', me.id, range],
    queryFn: () => reportUser(me.id, range),
    placeholderData: keepPreviousData,
  });
  const report = query.data;
  return (
    <div className="stack">
      <PageTitle
        aside={
          <Segments
            label={t('insights.groupBy')}
            value={grouping}
            options={(['day', 'week', 'month'] as const).map((value) => ({
              value,
              label: t(`grouping.${value}`),
            }))}
            onChange={setGrouping}
          />
        }
      >
        {t('insights.title')}
      </PageTitle>
      {!report ? (
        query.isError ? (
          <Failed error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <BlockSkeleton />
        )
      ) : (
        <>
          <dl className="tiles">
            <div className="card tile">
              <dt>{t('insights.in')}</dt>
              <dd className="money-in fits">
                <Money fit amount={report.in.amount} currency={report.currency} />
              </dd>
              <dd className="muted small">{t('insights.count', { count: report.in.count })}</dd>
            </div>
            <div className="card tile">
              <dt>{t('insights.out')}</dt>
              <dd className="fits">
                <Money fit amount={report.out.amount} currency={report.currency} />
              </dd>
              <dd className="muted small">{t('insights.count', { count: report.out.count })}</dd>
            </div>
            <div className="card tile">
              <dt>{t('insights.net')}</dt>
              <dd className={report.net < 0n ? 'fits' : 'money-in fits'}>
                <Money fit amount={report.net} currency={report.currency} sign="always" />
              </dd>
              <dd className="muted small">
                {t(`insights.window_${query.isPlaceholderData ? 'day' : grouping}`)}
              </dd>
            </div>
          </dl>
          {/* Placeholder data is of another grouping: its periods are named by their own. */}
          <InOutChart report={report} grouping={groupingOf(report.groupBy)} />
          <section className="card" aria-labelledby="top">
            <h2 id="top">{t('insights.top')}</h2>
            {report.topCounterparties.length === 0 ? (
              <Empty icon={ChartNoAxesColumn} title={t('insights.none')} />
            ) : (
              <ul className="list">
                {report.topCounterparties.map((person) => (
                  <li key={person.id}>
                    <Link href={`/activity?with=${person.id}`} className="item top-person">
                      <Avatar name={person.displayName} seed={person.id} />
                      <span className="grow truncate">
                        <span className="item-title entry-name" dir="auto">
                          {person.displayName}
                        </span>
                        <span className="item-sub">
                          {t('insights.count', { count: person.count })}
                        </span>
                      </span>
                      <span className="item-end top-amounts">
                        <span>
                          <span className="muted small">{t('activity.in')} </span>
                          <Money
                            amount={person.in}
                            currency={report.currency}
                            className="money-in"
                          />
                        </span>
                        <span>
                          <span className="muted small">{t('activity.out')} </span>
                          <Money amount={person.out} currency={report.currency} />
                        </span>
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </section>
        </>
      )}
    </div>
  );
}
