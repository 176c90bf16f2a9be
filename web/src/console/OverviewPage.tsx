import { useState, type ReactNode } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { reportSystem, reportTransactions } from '../api/endpoints';
import type { SystemReport, TransactionsReport, User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { periodName, shortPeriod } from '../lib/dates';
import { digitsOf } from '../money/currency';
import { formatMoney, fromMinor, type Money as Amount } from '../money/money';
import { Chart, type Point } from '../ui/Chart';
import { changeOf, groupingOf, rangeBefore, rangeFor, type Grouping } from '../ui/chartData';
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

/** A figure, and how it stands to the same length of time before. */
function Figure({
  name,
  value,
  change = null,
}: {
  name: string;
  value: ReactNode;
  change?: number | null;
}) {
  const t = useT();
  const locale = useLocale();
  const percent = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {change !== null && (
        <dd className="muted small">
          <bdi>{percent.format(change / 1000)}</bdi> {t('console.before')}
        </dd>
      )}
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
  const rangePast = rangeBefore(grouping);
  const past = useQuery({
    queryKey: ['report', 'system', rangePast],
    queryFn: () => reportSystem(rangePast),
    staleTime: Infinity,
  }).data;
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
        <dl className="card strip">
          <Figure name={t('console.money')} value={money(s.moneyInCirculation)} />
          <Figure name={t('console.usersCount')} value={number.format(s.users)} />
          <Figure
            name={t('console.volume')}
            value={money(s.volume)}
            change={changeOf(s.volume, past?.volume)}
          />
          <Figure
            name={t('console.count')}
            value={number.format(s.transactions)}
            change={changeOf(BigInt(s.transactions), past && BigInt(past.transactions))}
          />
          <Figure
            name={t('console.activeUsers')}
            value={number.format(s.activeUsers)}
            change={changeOf(BigInt(s.activeUsers), past && BigInt(past.activeUsers))}
          />
          <Figure
            name={t('console.p50')}
            value={money(s.medianAmount)}
            change={changeOf(s.medianAmount, past?.medianAmount)}
          />
          <Figure
            name={t('console.p95')}
            value={money(s.p95Amount)}
            change={changeOf(s.p95Amount, past?.p95Amount)}
          />
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
