import { Split as SplitIcon, Users } from 'lucide-react';
import { Link } from 'wouter';
import type { Split } from '../api/splits';
import { useLocale, useT } from '../i18n';
import { shortTime } from '../lib/dates';
import { BackLink } from '../ui/BackLink';
import { ButtonLink } from '../ui/Button';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { PagedList } from '../ui/PagedList';
import { Empty } from '../ui/States';
import { useSplits } from './queries';

function SplitRow({ split }: { split: Split }) {
  const t = useT();
  const locale = useLocale();
  const people = Object.values(split.counts).reduce((sum, count) => sum + count, 0);
  return (
    <Link href={`/splits/${split.id}`} className="item">
      <span className="avatar" aria-hidden="true">
        <Users size={20} />
      </span>
      <span className="grow">
        <span className="item-title" dir="auto">
          {split.note ?? t('splits.one')}
        </span>
        <span className="item-sub entry-sub">
          <span className="part when">{shortTime(split.createdAt, locale)}</span>
          <span className="part">{t('splits.paidOf', { paid: split.counts.paid, people })}</span>
        </span>
      </span>
      <span className="item-end">
        <Money amount={split.amount} currency={split.currency} />
      </span>
    </Link>
  );
}

export function SplitsPage() {
  const t = useT();
  const splits = useSplits();
  return (
    <div className="stack-l requests">
      <div className="row">
        <BackLink from={/^\/requests$/} fallback="/requests" />
        <PageTitle>{t('splits.title')}</PageTitle>
      </div>
      <ButtonLink href="/splits/new" look="primary" block>
        <SplitIcon size={18} aria-hidden="true" />
        {t('splits.new')}
      </ButtonLink>
      <PagedList
        label={t('splits.title')}
        of={splits}
        rows={3}
        empty={
          <Empty icon={Users} title={t('splits.none')}>
            {t('splits.noneBody')}
          </Empty>
        }
      >
        {(split) => <SplitRow split={split} />}
      </PagedList>
    </div>
  );
}
