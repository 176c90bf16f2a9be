import { useState } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { reportSystem, reportTransactions } from '../api/endpoints';
import type { SystemReport, TransactionsReport, User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { periodName, shortPeriod } from '../lib/dates';
import { digitsOf } from '../money/currency';
import { formatMoney, fromMinor, type Money as Amount } from '../money/money';
import { Chart, type Point } from '../ui/Chart';
import { groupingOf, rangeFor, type Grouping } from '../ui/chartData';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { Segments } from '../ui/Segments';
import { BlockSkeleton, Failed } from '../ui/States';

function useFormats(currency: string) {
  const locale = useLocale();
  const digits = digitsOf(currency);
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const plain = new Intl.NumberFormat(locale);
  return {
    locale,
    money: (minor: bigint) => formatMoney(minor, currency, locale),
    moneyTick: (minor: bigint) => compact.format(fromMinor(minor, digits) as `${number}`),
    count: (value: bigint) => plain.format(value),
    countTick: (value: bigint) => compact.format(value),
  };
}

function Traffic({ report, grouping }: { report: TransactionsReport; grouping: Grouping }) {
  const t = useT();
  const format = useFormats(report.currency);
  const point = (periodStart: string, value: bigint): Point => ({
    id: periodStart,
    name: periodName(periodStart, grouping, format.locale),
    short: shortPeriod(periodStart, grouping, format.locale),
    values: [value],
  });
  return (
    <div className="charts">
      <Chart
        kind="lines"
        title={t('console.volume')}
        summary={t('console.volumeSummary', {
          amount: formatMoney(report.totals.amount, report.currency, format.locale),
        })}
        series={[{ key: 'volume', label: t('console.volume'), tone: 'brand' }]}
        points={report.series.map((p) => point(p.periodStart, p.amount))}
        format={format.money}
        formatTick={format.moneyTick}
        periodLabel={t(`grouping.${grouping}`)}
      />
      <Chart
        kind="bars"
        title={t('console.count')}
        summary={t('console.countSummary', { count: report.totals.count })}
        series={[{ key: 'count', label: t('console.count'), tone: 'brand' }]}
        points={report.series.map((p) => point(p.periodStart, BigInt(p.count)))}
        format={format.count}
        formatTick={format.countTick}
        periodLabel={t(`grouping.${grouping}`)}
      />
    </div>
  );
}

function People({
  series,
  currency,
  grouping,
}: {
  series: NonNullable<SystemReport['series']>;
  currency: string;
  grouping: Grouping;
}) {
  const t = useT();
  const format = useFormats(currency);
  const point = (p: NonNullable<SystemReport['series']>[number], values: bigint[]): Point => ({
    id: p.periodStart,
    name: periodName(p.periodStart, grouping, format.locale),
    short: shortPeriod(p.periodStart, grouping, format.locale),
    values,
  });
  const minor = (amount: Amount | null) => amount ?? 0n;
  return (
    <div className="charts">
      <Chart
        kind="lines"
        title={t('console.activeUsers')}
        summary={t('console.activeSummary')}
        series={[{ key: 'active', label: t('console.activeUsers'), tone: 'brand' }]}
        points={series.map((p) => point(p, [BigInt(p.activeUsers)]))}
        format={format.count}
        formatTick={format.countTick}
        periodLabel={t(`grouping.${grouping}`)}
      />
      <Chart
        kind="lines"
        title={t('console.amounts')}
        summary={t('console.amountsSummary')}
        series={[
          { key: 'p50', label: t('console.p50'), tone: 'brand' },
          { key: 'p95', label: t('console.p95'), tone: 'out' },
        ]}
        points={series.map((p) => point(p, [minor(p.medianAmount), minor(p.p95Amount)]))}
        format={format.money}
        formatTick={format.moneyTick}
        periodLabel={t(`grouping.${grouping}`)}
      />
    </div>
  );
}

export function OverviewPage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [grouping, setGrouping] = useState<Grouping>('day');
  const range = rangeFor(grouping);
  const system = useQuery({
    queryKey: ['report', 'system', range],
    queryFn: () => reportSystem(range),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const traffic = useQuery({
    queryKey: ['report', 'transactions', range],
    queryFn: () => reportTransactions(range),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const number = new Intl.NumberFormat(locale);
  const s = system.data;
  const currency = s?.currency ?? me.currency;
  const money = (amount: Amount | null) =>
    amount === null ? '—' : <Money amount={amount} currency={currency} />;
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
        {t('console.systemTitle')}
      </PageTitle>
      {system.isError && !s ? (
        <Failed error={system.error} onRetry={() => void system.refetch()} />
      ) : !s ? (
        <BlockSkeleton />
      ) : (
        <dl className="tiles">
          <div className="card tile">
            <dt>{t('console.money')}</dt>
            <dd>{money(s.moneyInCirculation)}</dd>
          </div>
          <div className="card tile">
            <dt>{t('console.volume')}</dt>
            <dd>{money(s.volume)}</dd>
          </div>
          <div className="card tile">
            <dt>{t('console.count')}</dt>
            <dd>{number.format(s.transactions)}</dd>
          </div>
          <div className="card tile">
            <dt>{t('console.usersCount')}</dt>
            <dd>{number.format(s.users)}</dd>
          </div>
          <div className="card tile">
            <dt>{t('console.activeUsers')}</dt>
            <dd>{number.format(s.activeUsers)}</dd>
          </div>
          <div className="card tile">
            <dt>{t('console.p50')}</dt>
            <dd>{money(s.medianAmount)}</dd>
          </div>
          <div className="card tile">
            <dt>{t('console.p95')}</dt>
            <dd>{money(s.p95Amount)}</dd>
          </div>
        </dl>
      )}
      {traffic.data ? (
        <Traffic report={traffic.data} grouping={groupingOf(traffic.data.groupBy)} />
      ) : traffic.isError ? (
        <Failed error={traffic.error} onRetry={() => void traffic.refetch()} />
      ) : (
        <BlockSkeleton />
      )}
      {s?.series && <People series={s.series} currency={currency} grouping={grouping} />}
    </div>
  );
}
