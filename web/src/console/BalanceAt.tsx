import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { getBalance } from '../api/endpoints';
import { useLocale, useT } from '../i18n';
import { date, dayLast, daysAgo } from '../lib/dates';
import { explain } from '../lib/explain';
import { TextField } from '../ui/Field';
import { Money } from '../ui/Money';

/** What an account held when a day of the reader's calendar ended. */
export function BalanceAt({ id }: { id: string }) {
  const t = useT();
  const locale = useLocale();
  const today = daysAgo(0);
  const [day, setDay] = useState('');
  const at = dayLast(day);
  const { data, error } = useQuery({
    queryKey: ['balance', id, at],
    queryFn: () => getBalance(id, at ?? ''),
    enabled: at !== undefined,
    staleTime: 0,
  });
  const over = day < today;
  return (
    <div className="balance-at">
      <TextField
        type="date"
        label={t('console.balanceOn')}
        max={today}
        value={day}
        onChange={(event) => setDay(event.target.value)}
      />
      <p role="status" data-testid="balance-at">
        {at && data ? (
          <>
            <span className="muted">
              {t(over ? 'console.balanceWas' : 'console.balanceNow', { date: date(at, locale) })}
            </span>{' '}
            <Money amount={data.balance} currency={data.currency} />
          </>
        ) : at && error ? (
          explain(error, { t, locale })
        ) : (
          ''
        )}
      </p>
    </div>
  );
}
