import type { ReactNode } from 'react';
import type { PublicUser } from '../../api/types';
import { useT } from '../../i18n';
import type { Money as Amount } from '../../money/money';
import { Avatar } from '../../ui/Avatar';
import { Money } from '../../ui/Money';
import { PersonFact } from '../../ui/Person';
import { Row } from '../../ui/Rows';

type Props = {
  payee: PublicUser;
  amount: Amount | null;
  currency: string;
  note: string;
  /** What stands above the amount, and below it. */
  lead?: ReactNode;
  below?: ReactNode;
  /** Rows of the one who shows it, before the last. */
  children?: ReactNode;
  /** What the payer has after it; null where that says nothing. */
  after: Amount | null;
};

/** Who is paid how much for what: read before it is agreed to. */
export function ReviewCard({ payee, amount, currency, note, lead, below, children, after }: Props) {
  const t = useT();
  return (
    <section className="card stack review">
      <div className="review-top">
        <Avatar name={payee.displayName} seed={payee.id} size="l" />
        {lead}
        {amount !== null && (
          <p className="review-amount fits">
            <Money fit amount={amount} currency={currency} />
          </p>
        )}
        {below}
      </div>
      <dl className="rows">
        <Row name={t('receipt.to')}>
          <PersonFact person={payee} />
        </Row>
        {note && (
          <Row name={t('receipt.note')}>
            <bdi>{note}</bdi>
          </Row>
        )}
        {children}
        {after !== null && after >= 0n && (
          <Row name={t('send.after')}>
            <Money amount={after} currency={currency} />
          </Row>
        )}
      </dl>
    </section>
  );
}
