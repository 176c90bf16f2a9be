import { useState, type SubmitEvent } from 'react';
import { useLocation } from 'wouter';
import { createRequest, type NewRequest } from '../../api/requests';
import { isCode } from '../../api/error';
import type { User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import { forgetKey, stableKey } from '../../lib/stableKey';
import { kNoteMax, plainText } from '../../lib/text';
import { useDraft } from '../../lib/useDraft';
import { payeeQuery } from '../../pay/link';
import { AmountField } from '../../ui/AmountField';
import { BackLink } from '../../ui/BackLink';
import { Button } from '../../ui/Button';
import { SelectField, TextField } from '../../ui/Field';
import { Failure } from '../../ui/Notice';
import { PageTitle } from '../../ui/Page';
import { Segments, SegmentsField } from '../../ui/Segments';
import { useAmounts } from '../../ui/useAmounts';
import '../../styles/home.css';
import '../../styles/send.css';
import { kLeadsHere, requestChanged } from './useRequests';
import { Who } from './Who';

const kHourMs = 3_600_000;
const kScope = 'request';
type Way = 'person' | 'link';
type Uses = NewRequest['uses'];
type Days = '' | '1' | '7' | '30';

type Problems = { who?: string | undefined; amount?: string | undefined; all?: string };

/** To the hour, so that asking again after a lost answer says the same. */
const endOf = (days: Days) =>
  days
    ? new Date((Math.ceil(Date.now() / kHourMs) + Number(days) * 24) * kHourMs).toISOString()
    : null;

/** What is being asked for, kept in this tab until it is asked. */
function useAsked() {
  const [way, setWay] = useDraft<Way>('ask.way', 'person');
  const [who, setWho, forgetWho] = useDraft<string>('ask.who', '');
  const [amount, setAmount, forgetAmount] = useDraft<string>('ask.amount', '');
  const [note, setNote, forgetNote] = useDraft<string>('ask.note', '');
  const [uses, setUses] = useDraft<Uses>('ask.uses', 'once');
  const [days, setDays] = useDraft<Days>('ask.days', '');
  return {
    ...{ way, who, amount, note, uses, days },
    ...{ setWay, setWho, setAmount, setNote, setUses, setDays },
    forget: () => [forgetWho, forgetAmount, forgetNote].forEach((each) => each()),
  };
}

function Until({ days, setDays }: { days: Days; setDays: (days: Days) => void }) {
  const t = useT();
  return (
    <SelectField
      label={t('requests.until')}
      value={days}
      onChange={(event) => setDays(event.target.value as Days)}
    >
      <option value="">{t('requests.noEnd')}</option>
      {([1, 7, 30] as const).map((count) => (
        <option key={count} value={String(count)}>
          {t('requests.days', { count })}
        </option>
      ))}
    </SelectField>
  );
}

export function AskPage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const asked = useAsked();
  const { way, who, note, uses } = asked;
  const [problems, setProblems] = useState<Problems>({});
  const [busy, setBusy] = useState(false);
  const amounts = useAmounts();
  const person = way === 'person';

  const read = (): NewRequest | null => {
    const parsed = amounts.read(asked.amount);
    const free = !parsed.ok && parsed.error === 'required';
    const named = payeeQuery(who);
    const found: Problems = {};
    if (person && !named) found.who = t(plainText(who) ? 'send.payeeFormat' : 'send.payeeRequired');
    if (!parsed.ok && !free) found.amount = amounts.problem(parsed);
    setProblems(found);
    if (found.who ?? found.amount) return null;
    return {
      to: person ? (named?.value ?? null) : null,
      amount: parsed.ok ? parsed.minor : null,
      note: plainText(note),
      expiresAt: endOf(asked.days),
      uses: person ? 'once' : uses,
    };
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const request = read();
    if (!request) return;
    setBusy(true);
    try {
      const payload = { ...request, amount: request.amount?.toString() ?? null };
      const made = await createRequest(request, stableKey(kScope, payload));
      forgetKey(kScope);
      asked.forget();
      requestChanged(made);
      navigate(`/requests/${made.id}`, { replace: true });
    } catch (error) {
      const message = explain(error, { t, locale });
      if (isCode(error, 'user_not_found', 'payee_not_found'))
        setProblems({ who: t('send.payeeUnknown', { name: plainText(who) }) });
      else if (isCode(error, 'request_not_allowed', 'self_transfer')) setProblems({ who: message });
      else setProblems({ all: message });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="stack-l requests" noValidate onSubmit={(event) => void submit(event)}>
      <div className="row">
        <BackLink from={kLeadsHere} fallback="/requests" />
        <PageTitle>{t('requests.askTitle')}</PageTitle>
      </div>
      <Segments
        label={t('requests.way')}
        value={way}
        options={[
          { value: 'person', label: t('requests.wayPerson') },
          { value: 'link', label: t('requests.wayLink') },
        ]}
        onChange={(next) => {
          asked.setWay(next);
          setProblems({});
        }}
      />
      {person ? (
        <Who
          me={me}
          text={who}
          setText={(text) => {
            asked.setWho(text);
            setProblems({ ...problems, who: undefined });
          }}
          problem={problems.who}
        />
      ) : (
        <p className="muted">{t('requests.wayLinkHint')}</p>
      )}
      <AmountField
        label={(currency) => t('receive.amount', { currency })}
        hint={t('requests.amountHint')}
        value={asked.amount}
        error={problems.amount}
        onText={(text) => {
          asked.setAmount(text);
          setProblems({ ...problems, amount: undefined });
        }}
      />
      <TextField
        label={t('send.note')}
        value={note}
        dir="auto"
        maxLength={kNoteMax}
        autoComplete="off"
        onChange={(event) => asked.setNote(event.target.value)}
      />
      {!person && (
        <SegmentsField
          label={t('requests.uses')}
          value={uses}
          options={[
            { value: 'once', label: t('requests.usesOnce') },
            { value: 'many', label: t('requests.usesMany') },
          ]}
          onChange={asked.setUses}
        />
      )}
      <Until days={asked.days} setDays={asked.setDays} />
      <div className="stack">
        <Button type="submit" look="primary" block busy={busy}>
          {t(person ? 'requests.submit' : 'requests.submitLink')}
        </Button>
        <Failure>{problems.all}</Failure>
      </div>
    </form>
  );
}
