import type { ReactNode } from 'react';
import { ArrowRight } from 'lucide-react';
import { Link } from 'wouter';
import type { Action } from '../api/types';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { currency } from '../money/currency';
import type { Money as Amount } from '../money/money';
import { Money } from '../ui/Money';

export function Person({ person }: { person: Action['actor'] }) {
  const t = useT();
  if (person.username === null) return <span>{t('actions.commandLine')}</span>;
  return (
    <Link href={`/console/users/${person.id}`}>
      <bdi>{person.displayName}</bdi>
    </Link>
  );
}

export function Turn({
  name,
  before,
  after,
}: {
  name: string;
  before: ReactNode;
  after: ReactNode;
}) {
  const t = useT();
  return (
    <p className="turn">
      <span className="muted">{name}</span> <bdi>{before}</bdi>{' '}
      <ArrowRight size={14} aria-hidden="true" className="flip" />
      <span className="sr-only">{t('actions.then')}</span> <strong>{after}</strong>
    </p>
  );
}

export function OwnLimit({ amount }: { amount: Amount | null }) {
  const t = useT();
  if (amount === null) return t('limits.general');
  return <Money amount={amount} currency={currency().code} />;
}

function Change({ change }: { change: NonNullable<Action['change']> }) {
  const t = useT();
  const { status, role, limits, erased, approval } = change;
  return (
    <>
      {status && (
        <Turn
          name={t('receipt.status')}
          before={t(`status.${status.before}`)}
          after={t(`status.${status.after}`)}
        />
      )}
      {role && (
        <Turn
          name={t('console.role')}
          before={t(`role.${role.before}`)}
          after={t(`role.${role.after}`)}
        />
      )}
      {limits &&
        (['perTransfer', 'perDay'] as const)
          .filter((part) => limits.before[part] !== limits.after[part])
          .map((part) => (
            <Turn
              key={part}
              name={t(`actions.limit_${part}`)}
              before={<OwnLimit amount={limits.before[part]} />}
              after={<OwnLimit amount={limits.after[part]} />}
            />
          ))}
      {erased && <p>{t('actions.erased')}</p>}
      {approval && (
        <p>
          {t(`approvals.kind_${approval.kind}`)}: {t(`approvals.step_${approval.status}`)}
          {approval.signatures &&
            approval.status !== 'signed' &&
            ` (${t('approvals.keys', { count: approval.signatures.length })})`}
        </p>
      )}
    </>
  );
}

function What({ action }: { action: Action }) {
  const t = useT();
  if (action.kind === 'control') return action.change && <Change change={action.change} />;
  return (
    <p className="turn">
      <Link href={`/activity/${action.id}`}>{t(`kind.${action.kind}`)}</Link>{' '}
      {action.amount !== null && (
        <Money amount={action.amount} currency={currency().code} sign="always" />
      )}
      {action.change?.approval?.signatures && (
        <span className="badge">{t('approvals.signed')}</span>
      )}
    </p>
  );
}

/** Rows of the operators' log: a table's columns where there is room, named lines on a phone. */
export function ActionList({ actions, about }: { actions: Action[]; about?: 'one' }) {
  const t = useT();
  const locale = useLocale();
  const columns: { name: string; of: (action: Action) => ReactNode }[] = [
    {
      name: t('actions.when'),
      of: ({ at }) => (
        <time dateTime={at} title={at}>
          {dateTime(at, locale)}
        </time>
      ),
    },
    { name: t('actions.actor'), of: ({ actor }) => <Person person={actor} /> },
    ...(about === 'one'
      ? []
      : [
          {
            name: t('actions.subject'),
            of: ({ subject }: Action) => <Person person={subject} />,
          },
        ]),
    { name: t('actions.what'), of: (action) => <What action={action} /> },
    {
      name: t('actions.why'),
      of: ({ reason }) =>
        reason === null ? (
          <span className="muted">{t('actions.noReason')}</span>
        ) : (
          <bdi>{reason}</bdi>
        ),
    },
  ];
  return (
    <div className={`actions ${about === 'one' ? 'actions-one' : ''}`}>
      <div className="action action-head" aria-hidden="true">
        {columns.map(({ name }) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <ul>
        {actions.map((action) => (
          <li key={action.id}>
            <dl className="action">
              {columns.map(({ name, of }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{of(action)}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </div>
  );
}
