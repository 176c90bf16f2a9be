import { useState } from 'react';
import { Hourglass } from 'lucide-react';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { digitsOf } from '../money/currency';
import { toMinor } from '../money/money';
import { Button } from '../ui/Button';
import { Money } from '../ui/Money';
import { intents, payIntent, usePayments, useProgress } from './pay';
import type { Intent } from './intent';

function Pending({ intent, me, onForget }: { intent: Intent; me: User; onForget: () => void }) {
  const t = useT();
  const progress = useProgress(intent.key);
  const sending = progress?.state === 'sending';
  return (
    <li className="notice notice-warn pending">
      <Hourglass size={18} aria-hidden="true" />
      <div className="stack-s grow">
        <p>
          {t('pending.text', { name: intent.payee.displayName })}{' '}
          <Money
            amount={toMinor(intent.amount, digitsOf(intent.currency))}
            currency={intent.currency}
          />
        </p>
        <p>{t(sending ? 'pending.checking' : 'pending.safe')}</p>
        {!sending && (
          <div className="row-wrap">
            <Button small look="outline" onClick={() => void payIntent(intent, me.email)}>
              {t('pending.finish')}
            </Button>
            <Button small look="quiet" onClick={onForget}>
              {t('pending.forget')}
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}

/** Payments that were sent and not answered: finished with their own key, never paid twice. */
export function PendingPayments({ me }: { me: User }) {
  usePayments();
  const [, again] = useState(0);
  const pending = intents.pending(me.id);
  if (pending.length === 0) return null;
  return (
    <ul className="stack-s">
      {pending.map((intent) => (
        <Pending
          key={intent.key}
          intent={intent}
          me={me}
          onForget={() => {
            intents.settle(intent);
            again((count) => count + 1);
          }}
        />
      ))}
    </ul>
  );
}
