import { useState, type SubmitEvent } from 'react';
import { useLocation } from 'wouter';
import { isCode } from '../api/error';
import { createMandate, mandateBody, type NewMandate } from '../api/mandates';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { forgetKey, stableKey } from '../lib/stableKey';
import { kNoteMax, plainText } from '../lib/text';
import { payeeQuery } from '../pay/link';
import { Who } from '../pages/requests/Who';
import { AmountField } from '../ui/AmountField';
import { BackLink } from '../ui/BackLink';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { useAmounts } from '../ui/useAmounts';
import { mandatesChanged } from './queries';
import { useSay } from './useSay';
import '../styles/home.css';
import '../styles/send.css';

const kScope = 'mandate';

type Problems = { who?: string; each?: string; month?: string; all?: string };

/** Asks somebody to let the person draw from them. */
export function NewMandatePage({ me }: { me: User }) {
  const t = useT();
  const say = useSay();
  const [, navigate] = useLocation();
  const amounts = useAmounts();
  const [who, setWho] = useState('');
  const [each, setEach] = useState('');
  const [month, setMonth] = useState('');
  const [note, setNote] = useState('');
  const [problems, setProblems] = useState<Problems>({});
  const [busy, setBusy] = useState(false);

  const read = (): NewMandate | null => {
    const named = payeeQuery(who);
    const [perDraw, perMonth] = [amounts.read(each), amounts.read(month)];
    const found: Problems = {};
    if (!named) found.who = t(plainText(who) ? 'send.payeeFormat' : 'send.payeeRequired');
    const [ofEach, ofMonth] = [amounts.problem(perDraw), amounts.problem(perMonth)];
    if (ofEach) found.each = ofEach;
    if (ofMonth) found.month = ofMonth;
    if (perDraw.ok && perMonth.ok && perMonth.minor < perDraw.minor)
      found.month = t('mandates.monthTooSmall');
    setProblems(found);
    if (!named || !perDraw.ok || !perMonth.ok || found.month) return null;
    return {
      from: named.value,
      perDraw: perDraw.minor,
      perMonth: perMonth.minor,
      note: plainText(note),
    };
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const asked = read();
    if (!asked) return;
    setBusy(true);
    try {
      const made = await createMandate(asked, stableKey(kScope, mandateBody(asked)));
      forgetKey(kScope);
      void mandatesChanged();
      navigate(`/mandates/${made.id}`, { replace: true });
    } catch (error) {
      if (isCode(error, 'user_not_found'))
        setProblems({ who: t('send.payeeUnknown', { name: plainText(who) }) });
      else if (isCode(error, 'request_not_allowed', 'self_transfer'))
        setProblems({ who: say.refusal(error) });
      else setProblems({ all: say.refusal(error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="stack-l requests" noValidate onSubmit={(event) => void submit(event)}>
      <div className="row">
        <BackLink from={/^\/mandates$/} fallback="/mandates?side=payee" />
        <PageTitle>{t('mandates.propose')}</PageTitle>
      </div>
      <p className="muted">{t('mandates.proposeBody')}</p>
      <Who me={me} text={who} setText={setWho} problem={problems.who} />
      <AmountField
        label={(unit) => t('mandates.perDraw', { unit })}
        value={each}
        error={problems.each}
        onText={setEach}
      />
      <AmountField
        label={(unit) => t('mandates.perMonth', { unit })}
        value={month}
        error={problems.month}
        onText={setMonth}
      />
      <TextField
        label={t('send.note')}
        value={note}
        dir="auto"
        maxLength={kNoteMax}
        autoComplete="off"
        onChange={(event) => setNote(event.target.value)}
      />
      <div className="stack">
        <Button type="submit" look="primary" block busy={busy}>
          {t('mandates.send')}
        </Button>
        <Failure>{problems.all}</Failure>
      </div>
    </form>
  );
}
