import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import { closeWallet, findPayee, getFactors } from '../api/endpoints';
import { isCode, isStatus } from '../api/error';
import type { PublicUser, User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { plainText } from '../lib/text';
import { formatMoney } from '../money/money';
import { OwnPassword, StepForm } from '../pages/security/StepForm';
import { useStep } from '../pages/security/useStep';
import { payeeQuery } from '../pay/link';
import { signOut } from '../session/session';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { PersonTitle } from '../ui/Person';
import { toast } from '../ui/toast';
import { usePassword } from '../ui/usePassword';

type Step = { me: User; onCancel: () => void };

function WhatHappens({ me }: { me: User }) {
  const t = useT();
  return (
    <ul className="bullets">
      {me.balance > 0n && <li>{t('life.closeRest')}</li>}
      <li>{t('life.closeEnds')}</li>
      <li>{t('life.closeMail')}</li>
      <li>{t('life.closeData')}</li>
    </ul>
  );
}

/** What happens, and who gets the money; looked up before anything is done. */
function First({ me, onCancel, onNext }: Step & { onNext: (heir: PublicUser | null) => void }) {
  const t = useT();
  const locale = useLocale();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const holdsMoney = me.balance > 0n;
  const look = async () => {
    if (!holdsMoney) return onNext(null);
    const query = payeeQuery(text);
    if (!query) return setProblem(t(plainText(text) ? 'send.payeeFormat' : 'send.payeeRequired'));
    setBusy(true);
    try {
      const found = await findPayee(query);
      if (found.id !== me.id) return onNext(found);
      setProblem(t('error.self_transfer'));
    } catch (error) {
      setProblem(
        isStatus(error, 404, 422)
          ? t('send.payeeUnknown', { name: query.value })
          : explain(error, { t, locale }),
      );
    }
    setBusy(false);
  };
  return (
    <StepForm
      submit={t('life.closeContinue')}
      busy={busy}
      onSubmit={() => void look()}
      onCancel={onCancel}
    >
      <WhatHappens me={me} />
      {holdsMoney && (
        <TextField
          label={t('life.closeTo', {
            amount: formatMoney(me.balance, me.currency, locale),
          })}
          hint={t('life.closeToHint')}
          value={text}
          maxLength={254}
          dir="ltr"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={problem}
          onChange={(event) => {
            setText(event.target.value);
            setProblem(undefined);
          }}
        />
      )}
    </StepForm>
  );
}

function Second({ me, heir, onCancel }: Step & { heir: PublicUser | null }) {
  const t = useT();
  const locale = useLocale();
  const password = usePassword();
  const factors = useQuery({ queryKey: ['factors'], queryFn: getFactors });
  const { busy, failure, run } = useStep(password, (error) =>
    isCode(error, 'balance_not_zero') ? t('life.closeNotEmpty') : null,
  );
  const close = async () => {
    await closeWallet(heir?.id ?? null, password.text);
    toast(<span>{t('life.closed')}</span>);
    await signOut();
  };
  return (
    <StepForm
      submit={t('life.closeForGood')}
      look="danger"
      busy={busy}
      failure={failure}
      onSubmit={() => {
        if (password.check()) void run(close);
      }}
      onCancel={onCancel}
    >
      {heir ? (
        <>
          <p>{t('life.closeMoves', { amount: formatMoney(me.balance, me.currency, locale) })}</p>
          <PersonTitle person={heir} />
        </>
      ) : (
        <p>{t('life.closeEmpty')}</p>
      )}
      <Notice tone="warn" icon={Lock}>
        {t('life.closeNoWayBack')}
      </Notice>
      <OwnPassword me={me} password={password} />
      {factors.data && (factors.data.totp || factors.data.passkeys.length > 0) && (
        <p className="muted small">{t('life.closeFactor')}</p>
      )}
    </StepForm>
  );
}

function CloseDialog({ me, onClose }: { me: User; onClose: () => void }) {
  const t = useT();
  const [heir, setHeir] = useState<PublicUser | null | undefined>();
  const step = { me, onCancel: onClose };
  return (
    <Dialog open onClose={onClose} title={t('life.closeTitle')}>
      {heir === undefined ? <First {...step} onNext={setHeir} /> : <Second {...step} heir={heir} />}
    </Dialog>
  );
}

/** Closes the wallet in two steps: what happens and who gets the money, then the password. */
export default function CloseCard({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [open, setOpen] = useState(false);
  const held = me.held ?? 0n;
  const why =
    me.status === 'frozen'
      ? t('life.closeFrozen')
      : held > 0n
        ? t('life.closeHeld', { amount: formatMoney(held, me.currency, locale) })
        : null;
  return (
    <section className="card stack-s" aria-labelledby="close">
      <h2 id="close">{t('life.closeTitle')}</h2>
      <p className="muted">{why ?? t('life.closeBody')}</p>
      {!why && (
        <div className="row-wrap">
          <Button look="danger" onClick={() => setOpen(true)}>
            <Lock size={18} aria-hidden="true" />
            {t('life.close')}
          </Button>
        </div>
      )}
      {open && <CloseDialog me={me} onClose={() => setOpen(false)} />}
    </section>
  );
}
