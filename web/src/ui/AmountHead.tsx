import type { ReactNode } from 'react';
import type { Money as Amount } from '../money/money';
import { Avatar } from './Avatar';
import { Money } from './Money';
import '../styles/receipt.css';

type Props = {
  person: { id: string; displayName: string };
  amount: Amount;
  currency: string;
  /** How it stands. */
  children: ReactNode;
};

/** At the head of a page about an amount: whose it is, how much, and how it stands. */
export function AmountHead({ person, amount, currency, children }: Props) {
  return (
    <header className="amount-head">
      <Avatar name={person.displayName} seed={person.id} size="l" />
      <p className="receipt-amount fits">
        <Money fit amount={amount} currency={currency} />
      </p>
      {children}
    </header>
  );
}
