import { CircleAlert } from 'lucide-react';
import { Link } from 'wouter';
import { cancelDraw, type Draw, type MandateDetails } from '../api/mandates';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { Button } from '../ui/Button';
import { Money } from '../ui/Money';
import { Failure } from '../ui/Notice';
import { toast } from '../ui/toast';
import { DrawBadge } from './Badges';
import { useAct } from './useAct';
import { useSay } from './useSay';

function What({ draw, payee }: { draw: Draw; payee: string }) {
  const t = useT();
  const locale = useLocale();
  const say = useSay();
  return (
    <span className="grow">
      <span className="item-title">{dateTime(draw.dueAt, locale)}</span>
      {draw.note && (
        <span className="item-sub" dir="auto">
          {draw.note}
        </span>
      )}
      {draw.reason && <span className="item-sub">{say.reason(draw.reason, payee)}</span>}
      {draw.nextTryAt && (
        <span className="item-sub">
          {t('mandates.triedAgain', { time: dateTime(draw.nextTryAt, locale) })}
        </span>
      )}
    </span>
  );
}

/** What is announced and not settled: the payer refuses it, the payee takes it back. */
export function Coming({ mandate, me }: { mandate: MandateDetails; me: User }) {
  const t = useT();
  const locale = useLocale();
  const { busy, failure, act } = useAct();
  const pays = mandate.payer.id === me.id;
  const draws = mandate.payee.id === me.id;
  const verb = t(pays ? 'mandates.refuse' : 'mandates.withdraw');
  const cancel = (id: string) =>
    act(
      id,
      () => cancelDraw(id),
      () => toast(<span>{t('mandates.notPaid')}</span>),
    );
  return (
    <section aria-labelledby="coming">
      <div className="section-head">
        <h2 id="coming">{t('mandates.coming')}</h2>
      </div>
      <ol className="card card-flush list">
        {mandate.coming.map((draw) => (
          <li key={draw.id} className="item schedule-item">
            <What draw={draw} payee={mandate.payee.displayName} />
            <span className="item-end">
              <Money amount={draw.amount} currency={draw.currency} />
              {(pays || draws) && (
                <Button
                  small
                  look="outline"
                  busy={busy === draw.id}
                  aria-label={t(pays ? 'mandates.refuseOf' : 'mandates.withdrawOf', {
                    time: dateTime(draw.dueAt, locale),
                  })}
                  onClick={() => void cancel(draw.id)}
                >
                  {verb}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ol>
      <Failure icon={CircleAlert}>{failure}</Failure>
    </section>
  );
}

/** What was paid, has failed, or was cancelled. */
export function Past({ draws, payee }: { draws: Draw[]; payee: string }) {
  const t = useT();
  const row = (draw: Draw) => (
    <>
      <What draw={draw} payee={payee} />
      <span className="item-end">
        <Money amount={draw.amount} currency={draw.currency} />
        <DrawBadge status={draw.status} />
      </span>
    </>
  );
  return (
    <section aria-labelledby="past">
      <div className="section-head">
        <h2 id="past">{t('mandates.past')}</h2>
      </div>
      <ul className="card card-flush list">
        {draws.map((draw) => (
          <li key={draw.id}>
            {draw.transactionId ? (
              <Link href={`/activity/${draw.transactionId}`} className="item schedule-item">
                {row(draw)}
              </Link>
            ) : (
              <div className="item schedule-item">{row(draw)}</div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
