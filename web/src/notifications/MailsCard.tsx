import { useState, type SubmitEvent } from 'react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { MailX } from 'lucide-react';
import {
  getNoticeSettings,
  updateNoticeSettings,
  type NoticeChange,
  type NoticeSettings,
} from '../api/notifications';
import { isCode } from '../api/error';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { timeZone } from '../lib/dates';
import { explain } from '../lib/explain';
import { AmountField } from '../ui/AmountField';
import { Button } from '../ui/Button';
import { CheckField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Failed, ListSkeleton } from '../ui/States';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';

const kSettingsKey = ['notice-settings'];

/** One change after the other; a box shows at once what was chosen, and what is kept if it failed. */
function useChange() {
  const t = useT();
  const locale = useLocale();
  const { mutateAsync, error, isPending } = useMutation({
    scope: { id: 'notice-settings' },
    mutationFn: updateNoticeSettings,
    onMutate: (change: NoticeChange) => {
      const before = queryClient.getQueryData<NoticeSettings>(kSettingsKey);
      if (before) queryClient.setQueryData(kSettingsKey, { ...before, ...change });
      return before;
    },
    onSuccess: (kept) => queryClient.setQueryData(kSettingsKey, kept),
    onError: (_error, _change, before) => queryClient.setQueryData(kSettingsKey, before),
  });
  const problem =
    error &&
    (isCode(error, 'mail_not_configured')
      ? t('notifications.noMails')
      : explain(error, { t, locale }));
  const change = (fields: NoticeChange) =>
    mutateAsync(fields).then(
      () => true,
      () => false,
    );
  return { change, problem, isPending };
}
type Change = ReturnType<typeof useChange>;

/** From which amount on payments are mailed; no amount, no mails. */
function LargePayments({
  settings,
  locked,
  change: { change, isPending },
}: {
  settings: NoticeSettings;
  locked: boolean;
  change: Change;
}) {
  const t = useT();
  const amounts = useAmounts();
  const { largePaymentFrom: from } = settings;
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
        disabled={locked && !open}
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

function Choices({ settings }: { settings: NoticeSettings }) {
  const t = useT();
  const locale = useLocale();
  const change = useChange();
  const { moneyIn, requests, dailySummary, summaryHour, mails } = settings;
  const hour = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(
    new Date(2000, 0, 1, summaryHour),
  );
  // What cannot be sent can be turned off, not on.
  const locked = (on: boolean) => !mails && !on;
  return (
    <>
      {!mails && <Notice icon={MailX}>{t('notifications.noMails')}</Notice>}
      <LargePayments settings={settings} locked={!mails} change={change} />
      <CheckField
        label={t('notifications.moneyIn')}
        checked={moneyIn}
        disabled={locked(moneyIn)}
        onChange={({ target }) => void change.change({ moneyIn: target.checked })}
      />
      <CheckField
        label={t('notifications.requests')}
        checked={requests}
        disabled={locked(requests)}
        onChange={({ target }) => void change.change({ requests: target.checked })}
      />
      <CheckField
        label={t('notifications.dailySummary')}
        hint={t('notifications.summaryHint', {
          hour,
          zone: dailySummary ? settings.timeZone : timeZone(),
        })}
        checked={dailySummary}
        disabled={locked(dailySummary)}
        onChange={({ target: { checked } }) =>
          void change.change({
            dailySummary: checked,
            ...(checked ? { timeZone: timeZone() } : {}),
          })
        }
      />
      <Failure>{change.problem}</Failure>
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
        <Choices settings={query.data} />
      )}
    </section>
  );
}
