import { useState, type SubmitEvent } from 'react';
import { KeySquare } from 'lucide-react';
import { isCode } from '../../api/error';
import { removePin, setPin, setPinLimits } from '../../api/pins';
import type { Factors, User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { ago, date } from '../../lib/dates';
import { explain } from '../../lib/explain';
import { describeAgent } from '../../lib/userAgent';
import { formatMoney, type Money } from '../../money/money';
import { AmountField } from '../../ui/AmountField';
import { Button } from '../../ui/Button';
import { Failure, Notice } from '../../ui/Notice';
import { PinField, isPin } from '../../ui/PinField';
import { toast } from '../../ui/toast';
import { useAmounts } from '../../ui/useAmounts';
import { usePassword } from '../../ui/usePassword';
import { OwnPassword, StepForm } from './StepForm';
import { useStep } from './useStep';

type Pins = NonNullable<Factors['pin']>;
type Device = Pins['devices'][number];
type Saved = (factors: Factors) => void;

function SetForm({ me, onSaved, onCancel }: { me: User; onSaved: Saved; onCancel: () => void }) {
  const t = useT();
  const password = usePassword();
  const { run, ...step } = useStep(password, (error) =>
    isCode(error, 'pin_too_weak') ? t('security.pinWeak') : null,
  );
  const [pin, setTyped] = useState('');
  const [again, setAgain] = useState('');
  const [problem, setProblem] = useState<'short' | 'differs' | null>(null);
  const submit = () => {
    const found = !isPin(pin) ? 'short' : pin !== again ? 'differs' : null;
    setProblem(found);
    if (found || !password.check()) return;
    void run(async () => {
      const saved = await setPin(pin, password.text);
      toast(<span>{t('security.pinSaved')}</span>);
      onSaved(saved);
    });
  };
  return (
    <StepForm submit={t('action.save')} {...step} onSubmit={submit} onCancel={onCancel}>
      <PinField
        label={t('security.pinNew')}
        hint={t('security.pinHint')}
        value={pin}
        error={problem === 'short' ? t('security.pinHint') : undefined}
        onPin={(typed) => {
          setTyped(typed);
          setProblem(null);
        }}
      />
      <PinField
        label={t('security.pinAgain')}
        value={again}
        error={problem === 'differs' ? t('security.pinDiffers') : undefined}
        onPin={(typed) => {
          setAgain(typed);
          setProblem(null);
        }}
      />
      <OwnPassword me={me} password={password} />
    </StepForm>
  );
}

function LimitsForm({
  pins,
  onSaved,
  onCancel,
}: {
  pins: Pins;
  onSaved: Saved;
  onCancel: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const [perPayment, setPerPayment] = useState(amounts.text(pins.perPayment));
  const [perDay, setPerDay] = useState(amounts.text(pins.perDay));
  const [problems, setProblems] = useState<{ perPayment?: string; perDay?: string }>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const read = (text: string, most: Money) => {
    if (!text.trim()) return { minor: null };
    const parsed = amounts.read(text);
    if (!parsed.ok) return { problem: amounts.problem(parsed) ?? '' };
    if (parsed.minor > most)
      return { problem: t('security.pinAtMost', { amount: amounts.text(most) }) };
    return { minor: parsed.minor };
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const one = read(perPayment, pins.perPaymentMax);
    const day = read(perDay, pins.perDayMax);
    setProblems({
      ...(one.problem === undefined ? {} : { perPayment: one.problem }),
      ...(day.problem === undefined ? {} : { perDay: day.problem }),
    });
    if (one.problem !== undefined || day.problem !== undefined) return;
    setBusy(true);
    setFailure(null);
    try {
      onSaved(await setPinLimits(one.minor ?? null, day.minor ?? null));
      toast(<span>{t('settings.saved')}</span>);
    } catch (error) {
      setFailure(explain(error, { t, locale }));
      setBusy(false);
    }
  };
  return (
    <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
      <AmountField
        label={(currency) => t('security.pinPerPayment', { currency })}
        value={perPayment}
        error={problems.perPayment}
        onText={setPerPayment}
      />
      <AmountField
        label={(currency) => t('security.pinPerDay', { currency })}
        hint={t('security.pinLimitsHint')}
        value={perDay}
        error={problems.perDay}
        onText={setPerDay}
      />
      <Failure>{failure}</Failure>
      <div className="row-wrap">
        <Button type="submit" look="primary" busy={busy}>
          {t('action.save')}
        </Button>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}

function Row({ device, onRemoved }: { device: Device; onRemoved: () => void }) {
  const t = useT();
  const locale = useLocale();
  const { run, busy, failure } = useStep();
  const name =
    (device.userAgent ? describeAgent(device.userAgent).name : null) ?? t('security.pinSomeDevice');
  const remove = () =>
    void run(async () => {
      await removePin(device.sessionId);
      toast(<span>{t('security.pinRemoved')}</span>);
      onRemoved();
    });
  return (
    <li className="stack-s">
      <div className="item session">
        <span className="avatar" aria-hidden="true">
          <KeySquare size={20} />
        </span>
        <div className="grow">
          <p className="item-title">
            <bdi>{name}</bdi>
            {device.current && ` · ${t('security.pinThisDevice')}`}
          </p>
          <p className="item-sub">
            {[
              t('security.pinSince', { date: date(device.setAt, locale) }),
              device.lastUsedAt
                ? t('security.passkeyUsed', { ago: ago(device.lastUsedAt, locale) })
                : t('security.passkeyUnused'),
            ].join(' · ')}
          </p>
        </div>
      </div>
      {device.locked && <Notice tone="warn">{t('security.pinLocked')}</Notice>}
      <Failure>{failure}</Failure>
      <div className="row-wrap">
        <Button
          small
          look="danger"
          busy={busy}
          aria-label={t('security.pinRemoveOf', { name })}
          onClick={remove}
        >
          {t('security.remove')}
        </Button>
      </div>
    </li>
  );
}

/** PINs for small payments: of this device, and which others have one. */
export function PinCard({
  me,
  pins,
  onSaved,
  onChanged,
}: {
  me: User;
  pins: Pins;
  onSaved: Saved;
  onChanged: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const [doing, setDoing] = useState<'nothing' | 'set' | 'limits'>('nothing');
  const stop = () => setDoing('nothing');
  const saved = (factors: Factors) => {
    stop();
    onSaved(factors);
  };
  const own = pins.devices.find((device) => device.current);
  const money = (amount: Money) => formatMoney(amount, me.currency, locale);
  return (
    <section className="card stack no-print" aria-labelledby="pin">
      <h2 id="pin">{t('security.pin')}</h2>
      <p>{t('security.pinBody', { once: money(pins.perPayment), day: money(pins.perDay) })}</p>
      {pins.devices.length > 0 && (
        <ul className="list passkeys">
          {pins.devices.map((device) => (
            <Row key={device.sessionId} device={device} onRemoved={onChanged} />
          ))}
        </ul>
      )}
      {doing === 'set' && <SetForm me={me} onSaved={saved} onCancel={stop} />}
      {doing === 'limits' && <LimitsForm pins={pins} onSaved={saved} onCancel={stop} />}
      {doing === 'nothing' && (
        <div className="row-wrap">
          <Button onClick={() => setDoing('set')}>
            {t(own ? 'security.pinChange' : 'security.pinSet')}
          </Button>
          <Button onClick={() => setDoing('limits')}>{t('security.pinLimits')}</Button>
        </div>
      )}
    </section>
  );
}
