import { useEffect, useState } from 'react';
import { createPortal, flushSync } from 'react-dom';
import type { Transaction } from '../api/types';
import { useT } from '../i18n';
import { Mark } from '../ui/Mark';
import { Money } from '../ui/Money';
import { Row } from '../ui/Rows';
import { ReceiptRows } from './ReceiptRows';

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
      <ReceiptRows
        transaction={transaction}
        from={<Name side={sender} />}
        to={<Name side={receiver} />}
      >
        <Row name={t('receipt.kind')}>{t(`kind.${transaction.kind}`)}</Row>
      </ReceiptRows>
    </article>,
    document.body,
  );
}
