import { useState, type SubmitEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { MailX } from 'lucide-react';
import { getNoticeSettings, type NoticeSettings } from '../api/notifications';
import { useLocale, useT } from '../i18n';
import { timeZone } from '../lib/dates';
import { AmountField } from '../ui/AmountField';
import { Button } from '../ui/Button';
import { CheckField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Failed, ListSkeleton } from '../ui/States';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';
import { kSettingsKey, useChoices, type Choices } from './choices';

/** From which amount on payments are mailed; no amount, no mails. */
function LargePayments({ choices: { chosen, change, isPending } }: { choices: Choices }) {
  const t = useT();
  const amounts = useAmounts();
  const { largePaymentFrom: from, mails } = chosen;
  const [open, setOpen] = useState(from !== null);
  const [text, setText] = useState(from === null ? '' : amounts.text(from));
  const [problem, setProblem] = useState<string>();
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const parsed = amounts.read(text);
    setProblem(amounts.problem(parsed));
    if (!parsed.ok) return;
    if (await change({ largePaymentFrom: parsed.minor })) {
      setText(amounts.text(parsed.minor));
      toast(<span>{t('settings.saved')}</span>);
    }
  };
  const parsed = amounts.read(text);
  const isKept = parsed.ok && parsed.minor === from;
  return (
    <form className="stack-s" noValidate onSubmit={(event) => void save(event)}>
      <CheckField
        label={t('notifications.largePayments')}
        checked={open}
        disabled={!mails && !open}
        onChange={({ target: { checked } }) => {
          setOpen(checked);
          setProblem(undefined);
          if (!checked && from !== null)
            void change({ largePaymentFrom: null }).then((done) => setOpen(!done));
        }}
      />
      {open && (
        <>
          <AmountField
            label={(unit) => t('notifications.from', { unit })}
            value={text}
            error={problem}
            onText={(typed) => {
              setText(typed);
              setProblem(undefined);
            }}
          />
          {!isKept && (
            <div className="row">
              <Button type="submit" busy={isPending}>
                {t('action.save')}
              </Button>
            </div>
          )}
        </>
      )}
    </form>
  );
}

function MailChoices({ settings }: { settings: NoticeSettings }) {
  const t = useT();
  const locale = useLocale();
  const choices = useChoices(settings);
  const { chosen, change, problem } = choices;
  const { moneyIn, requests, dailySummary, summaryHour, mails } = chosen;
  const hour = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(
    new Date(2000, 0, 1, summaryHour),
  );
  // What cannot be sent can be turned off, not on.
  const locked = (on: boolean) => !mails && !on;
  return (
    <>
      {!mails && <Notice icon={MailX}>{t('notifications.noMails')}</Notice>}
      <LargePayments choices={choices} />
      <CheckField
        label={t('notifications.moneyIn')}
        checked={moneyIn}
        disabled={locked(moneyIn)}
        onChange={({ target }) => void change({ moneyIn: target.checked })}
      />
      <CheckField
        label={t('notifications.requests')}
        checked={requests}
        disabled={locked(requests)}
        onChange={({ target }) => void change({ requests: target.checked })}
      />
      <CheckField
        label={t('notifications.dailySummary')}
        hint={t('notifications.summaryHint', {
          hour,
          zone: dailySummary ? chosen.timeZone : timeZone(),
        })}
        checked={dailySummary}
        disabled={locked(dailySummary)}
        onChange={({ target: { checked } }) =>
          void change({
            dailySummary: checked,
            ...(checked ? { timeZone: timeZone() } : {}),
          })
        }
      />
      <Failure>{problem}</Failure>
      <p className="muted small">{t('notifications.always')}</p>
    </>
  );
}

/** What somebody wants mails of. */
export function MailsCard() {
  const t = useT();
  const query = useQuery({ queryKey: kSettingsKey, queryFn: getNoticeSettings });
  return (
    <section className="card stack-s" aria-labelledby="notices">
      <h2 id="notices">{t('notifications.mails')}</h2>
      {query.isPending ? (
        <ListSkeleton rows={4} />
      ) : query.isError ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <MailChoices settings={query.data} />
      )}
    </section>
  );
}
