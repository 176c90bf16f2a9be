import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { reportLedger, reportServices } from '../api/endpoints';
import type { LedgerReport, ServiceHealth } from '../api/types';
import { useLocale, useT } from '../i18n';
import { ago } from '../lib/dates';
import { currency } from '../money/currency';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { Row } from '../ui/Rows';
import { TableScroll } from '../ui/TableScroll';
import { BlockSkeleton, Failed } from '../ui/States';

const kEveryMs = 5_000;

function Verdict({ good, children }: { good: boolean; children: ReactNode }) {
  const Icon = good ? CircleCheck : CircleX;
  return (
    <span className={`badge ${good ? 'badge-ok' : 'badge-danger'}`}>
      <Icon size={14} aria-hidden="true" />
      {children}
    </span>
  );
}

function Numbers({
  title,
  rows,
  none,
  children,
}: {
  title: string;
  rows: [string, ReactNode][] | null;
  /** What to do where nothing is known. */
  none?: string;
  children?: ReactNode;
}) {
  const t = useT();
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      {rows ? (
        <dl className="rows">
          {rows.map(([name, value]) => (
            <Row key={name} name={name}>
              {value}
            </Row>
          ))}
        </dl>
      ) : (
        <p className="muted">{none ?? t('ledger.unknown')}</p>
      )}
      {rows && children}
    </section>
  );
}

const inOrder = (chains: NonNullable<LedgerReport['chains']>) =>
  [...chains].sort((a, b) =>
    String(a.chainId).localeCompare(String(b.chainId), 'en', { numeric: true }),
  );

function Ledger({ report }: { report: LedgerReport }) {
  const t = useT();
  const locale = useLocale();
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const ms = (value: number | null) => (value === null ? '—' : `${number.format(value)} ms`);
  const { books, chains, queue, conflicts } = report;
  return (
    <>
      <div className="three">
        <Numbers
          title={t('ledger.books')}
          none={t('ledger.noBooks')}
          rows={
            books && [
              [
                t('ledger.verdict'),
                <Verdict key="v" good={books.balanced}>
                  {t(books.balanced ? 'ledger.balanced' : 'ledger.difference')}
                </Verdict>,
              ],
              [
                t('ledger.sum'),
                <Money key="s" amount={books.sumOfBalances} currency={currency().code} />,
              ],
              [t('ledger.accounts'), number.format(books.accounts)],
              [t('ledger.entries'), number.format(books.entries)],
            ]
          }
        >
          <p className="muted small">{t('ledger.sumMeans')}</p>
        </Numbers>
        <Numbers
          title={t('ledger.queue')}
          rows={
            queue && [
              [t('ledger.depth'), `${number.format(queue.depth)} / ${number.format(queue.max)}`],
              [t('ledger.batch'), queue.batchAvg === null ? '—' : number.format(queue.batchAvg)],
              [t('ledger.p50'), ms(queue.commitP50Ms)],
              [t('ledger.p99'), ms(queue.commitP99Ms)],
            ]
          }
        />
        <Numbers
          title={t('ledger.conflicts')}
          rows={
            conflicts && [
              [t('ledger.versionConflicts'), number.format(conflicts.versionConflicts)],
              [t('ledger.unknownOutcomes'), number.format(conflicts.unknownOutcomes)],
              [t('ledger.resolved'), number.format(conflicts.resolved)],
              [t('ledger.replays'), number.format(conflicts.replays)],
            ]
          }
        />
      </div>
      {/* No name of its own: the table's region has it, and landmarks are unique. */}
      <div className="card">
        <h2>{t('ledger.chains')}</h2>
        {chains && chains.length > 0 ? (
          <TableScroll label={t('ledger.chains')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('ledger.chain')}</th>
                  <th scope="col" className="num">
                    {t('ledger.batches')}
                  </th>
                  <th scope="col" className="num">
                    {t('ledger.transfers')}
                  </th>
                  <th scope="col">{t('ledger.head')}</th>
                  <th scope="col">{t('ledger.lastCommit')}</th>
                </tr>
              </thead>
              <tbody>
                {inOrder(chains).map((chain) => (
                  <tr key={chain.chainId}>
                    <th scope="row" className="mono" dir="ltr">
                      {String(chain.chainId).slice(0, 8)}
                    </th>
                    <td className="num">{number.format(chain.batches)}</td>
                    <td className="num">{number.format(chain.transfers)}</td>
                    <td className="mono" dir="ltr" title={chain.head}>
                      {chain.head.slice(0, 16)}…
                    </td>
                    <td>{chain.lastCommitAt ? ago(chain.lastCommitAt, locale) : '—'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        ) : (
          <p className="muted">{t('ledger.unknown')}</p>
        )}
      </div>
    </>
  );
}

const stateOf = ({ status, ready }: { status: 'ok' | 'down'; ready: boolean }) =>
  status === 'down' ? 'services.down' : ready ? 'services.ready' : 'services.notReady';

function Service({ service }: { service: ServiceHealth }) {
  const t = useT();
  const locale = useLocale();
  const good = service.status === 'ok' && service.ready;
  return (
    <li className="card stack-s">
      <div className="row between">
        <h3>{service.service}</h3>
        <Verdict good={good}>{t(stateOf(service))}</Verdict>
      </div>
      <p className="muted small">
        {[
          service.version,
          service.latencyMs === null
            ? null
            : `${new Intl.NumberFormat(locale).format(service.latencyMs)} ms`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <ul className="row-wrap">
        {Object.entries(service.checks).map(([name, state]) => (
          <li key={name} className={`badge ${state === 'ok' ? '' : 'badge-danger'}`}>
            {name}: {state}
          </li>
        ))}
      </ul>
      {service.replicas.length > 1 && (
        <ul className="stack-s" aria-label={t('services.replicas')}>
          {service.replicas.map((replica) => (
            <li key={replica.address} className="row between small">
              <span className="mono" dir="ltr">
                {replica.address}
              </span>
              <Verdict good={replica.status === 'ok' && replica.ready}>
                {t(stateOf(replica))}
              </Verdict>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

export function LedgerPage() {
  const t = useT();
  const ledger = useQuery({
    queryKey: ['ledger'],
    queryFn: reportLedger,
    refetchInterval: kEveryMs,
  });
  const services = useQuery({
    queryKey: ['services'],
    queryFn: reportServices,
    refetchInterval: kEveryMs,
  });
  return (
    <div className="stack">
      <PageTitle>{t('console.ledger')}</PageTitle>
      {ledger.data ? (
        <Ledger report={ledger.data} />
      ) : ledger.isError ? (
        <Failed error={ledger.error} onRetry={() => void ledger.refetch()} />
      ) : (
        <BlockSkeleton />
      )}
      <section className="stack-s" aria-labelledby="services">
        <h2 id="services">{t('services.title')}</h2>
        {services.data ? (
          <ul className="three">
            {services.data.data.map((service) => (
              <Service key={service.service} service={service} />
            ))}
          </ul>
        ) : services.isError ? (
          <Failed error={services.error} onRetry={() => void services.refetch()} />
        ) : (
          <BlockSkeleton />
        )}
      </section>
    </div>
  );
}
