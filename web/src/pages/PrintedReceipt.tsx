import { useEffect, useState } from 'react';
import { createPortal, flushSync } from 'react-dom';
import type { Transaction } from '../api/types';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { Mark } from '../ui/Mark';
import { Money } from '../ui/Money';

type Side = { displayName: string; username: string } | null;

function Name({ side }: { side: Side }) {
  const t = useT();
  if (!side) return <>{t('kind.system')}</>;
  return (
    <>
      <bdi>{side.displayName}</bdi> <bdi dir="ltr">@{side.username}</bdi>
    </>
  );
}

/**
 * What a printer gets in place of the page: who issued it, what it is and everything that tells the
 * payment, never what anybody has left.
 */
export function PrintedReceipt({
  transaction,
  sender,
  receiver,
}: {
  transaction: Transaction;
  sender: Side;
  receiver: Side;
}) {
  const t = useT();
  const locale = useLocale();
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    // Before the browser lays the paper out, and gone after: on the screen everything is there once.
    const begin = () => flushSync(() => setPrinting(true));
    const end = () => setPrinting(false);
    window.addEventListener('beforeprint', begin);
    window.addEventListener('afterprint', end);
    return () => {
      window.removeEventListener('beforeprint', begin);
      window.removeEventListener('afterprint', end);
    };
  }, []);
  if (!printing) return null;
  return createPortal(
    <article className="print-sheet">
      <header>
        <Mark />
        <div>
          <p className="strong">Mini-InstaPay</p>
          <p className="print-title">{t('receipt.title')}</p>
        </div>
      </header>
      <p className="print-amount">
        <Money amount={transaction.amount} currency={transaction.currency} />
      </p>
      <dl className="rows">
        <div>
          <dt>{t('receipt.from')}</dt>
          <dd>
            <Name side={sender} />
          </dd>
        </div>
        <div>
          <dt>{t('receipt.to')}</dt>
          <dd>
            <Name side={receiver} />
          </dd>
        </div>
        <div>
          <dt>{t('receipt.date')}</dt>
          <dd>{dateTime(transaction.createdAt, locale)}</dd>
        </div>
        {transaction.note && (
          <div>
            <dt>{t('receipt.note')}</dt>
            <dd>
              <bdi>{transaction.note}</bdi>
            </dd>
          </div>
        )}
        <div>
          <dt>{t('console.kind')}</dt>
          <dd>{t(`kind.${transaction.kind}`)}</dd>
        </div>
        <div>
          <dt>{t('receipt.reference')}</dt>
          <dd className="mono" dir="ltr">
            {transaction.id}
          </dd>
        </div>
      </dl>
    </article>,
    document.body,
  );
}
