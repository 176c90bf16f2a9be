import type { ReactNode } from 'react';
import type { Transaction } from '../api/types';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { Row } from '../ui/Rows';

type Props = { transaction: Transaction; from: ReactNode; to: ReactNode; children: ReactNode };

/** What tells a payment, on the screen and on paper; `children` are more rows of one of them. */
export function ReceiptRows({ transaction, from, to, children }: Props) {
  const t = useT();
  const locale = useLocale();
  return (
    <dl className="rows">
      <Row name={t('receipt.from')}>{from}</Row>
      <Row name={t('receipt.to')}>{to}</Row>
      <Row name={t('receipt.date')}>{dateTime(transaction.createdAt, locale)}</Row>
      {transaction.note && (
        <Row name={t('receipt.note')}>
          <bdi>{transaction.note}</bdi>
        </Row>
      )}
      {children}
      <Row name={t('receipt.reference')} className="mono" dir="ltr">
        {transaction.id}
      </Row>
    </dl>
  );
}
