import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { getLimits } from '../api/endpoints';
import type { Limits } from '../api/types';
import { useT } from '../i18n';
import type { Money as Amount } from '../money/money';
import { Money } from './Money';
import { Row } from './Rows';

type Part = 'perTransfer' | 'perDay' | 'usedToday' | 'leftToday';

export const limitsQuery = (id: string) => ({
  queryKey: ['limits', id],
  queryFn: () => getLimits(id),
});

/** What somebody may send: rows of a definition list, as high while they are read as after. */
export function LimitRows({
  id,
  parts,
  below = {},
}: {
  id: string;
  parts: Part[];
  below?: Partial<Record<Part, (limits: Limits) => ReactNode>>;
}) {
  const t = useT();
  const { data, isError } = useQuery(limitsQuery(id));
  if (isError && !data) return null;
  const value = (amount: Amount | null, currency: string) =>
    amount === null ? t('limits.none') : <Money amount={amount} currency={currency} />;
  return parts.map((part) => (
    <Row key={part} name={t(`limits.${part}`)}>
      {data ? (
        value(data[part], data.currency)
      ) : (
        <span className="skeleton sk-text" aria-hidden="true" />
      )}
      {data && below[part]?.(data)}
    </Row>
  ));
}
