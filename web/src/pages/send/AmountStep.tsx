import { useEffect, useRef, useState, type CSSProperties, type SubmitEvent } from 'react';
import { Delete } from 'lucide-react';
import { useLocation } from 'wouter';
import type { User } from '../../api/types';
import { VerifyBanner } from '../../app/VerifyBanner';
import { useLocale, useT } from '../../i18n';
import { amountText, keysOf, pressKey } from '../../money/amount';
import { currency } from '../../money/currency';
import { toWire } from '../../money/money';
import { revise } from '../../pay/intent';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { FieldError, TextField } from '../../ui/Field';
import { Money } from '../../ui/Money';
import { PersonTitle } from '../../ui/Person';
import { useAmounts } from '../../ui/useAmounts';
import type { SendDraft } from './draft';
import { StepHead } from './StepHead';
import { spendable, useSendable } from './useSendable';
import { useHiddenBalance } from '../../lib/hiddenBalance';
import { kNoteMax, plainText } from '../../lib/text';

type Props = { me: User; draft: SendDraft; save: (change: Partial<SendDraft>) => void };

function Keypad({ digits, onKey }: { digits: number; onKey: (key: string) => void }) {
  const t = useT();
  const locale = useLocale();
  const { digits: numerals, point } = keysOf(locale);
  const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', digits > 0 ? '.' : '', '0', 'back'];
  return (
    <div className="keypad" dir="ltr" role="group" aria-label={t('send.keypad')}>
      {keys.map((key) =>
        key === '' ? (
          <span key="none" />
        ) : (
          <button
            key={key}
            type="button"
            aria-label={
              key === 'back' ? t('send.erase') : key === '.' ? t('send.point') : undefined
            }
            onClick={() => onKey(key)}
          >
            {key === 'back' ? (
              <Delete size={24} aria-hidden="true" />
            ) : key === '.' ? (
              point
            ) : (
              numerals[Number(key)]
            )}
          </button>
        ),
      )}
    </div>
  );
}

export function AmountStep({ me, draft, save }: Props) {
  const t = useT();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const [problem, setProblem] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const amounts = useAmounts();
  const scale = currency();
  const sendable = useSendable(me);
  const [hidden] = useHiddenBalance();
  const payee = draft.payee;
  // Where fingers type, the page's own keypad replaces the system keyboard.
  const [touch] = useState(() => window.matchMedia('(pointer: coarse), (hover: none)').matches);
  useEffect(() => {
    if (!touch) input.current?.focus();
  }, [touch]);
  if (!payee) return null;

  const setAmount = (amount: string) => {
    setProblem(null);
    save({ amount });
  };
  const refuse = (message: string) => {
    setProblem(message);
    input.current?.focus();
  };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const parsed = amounts.read(draft.amount);
    if (!parsed.ok) return refuse(amounts.problem(parsed) ?? '');
    const short = sendable.problem(parsed.minor);
    if (short) return refuse(short);
    const intent = revise(draft.intent, {
      userId: me.id,
      payee,
      amount: toWire(parsed.minor),
      currency: me.currency,
      note: plainText(draft.note),
    });
    save({ intent });
    navigate('/send/review');
  };

  // What stands against the amount is said while it is typed; what is wrong with the text, when it
  // is to be sent.
  const typed = amounts.read(draft.amount);
  const said = problem ?? (typed.ok ? sendable.problem(typed.minor) : null);
  const { unit } = amounts;

  return (
    <form className="amount-step" onSubmit={submit} noValidate>
      <StepHead title={t('send.amountTitle')} step={2} back="/send" />
      <div className="row payee-chip">
        <Avatar name={payee.displayName} seed={payee.id} />
        <div className="grow truncate">
          <PersonTitle person={payee} />
        </div>
      </div>
      <div className="amount-box">
        <label htmlFor="amount" className="sr-only">
          {t('send.amountLabel', { currency: unit })}
        </label>
        <div
          className="amount-line"
          dir="ltr"
          style={{ '--length': Math.max(draft.amount.length, 4) } as CSSProperties}
        >
          <span className="amount-currency" aria-hidden="true">
            <bdi>{unit}</bdi>
          </span>
          <input
            ref={input}
            id="amount"
            className="amount-input"
            value={draft.amount}
            inputMode={touch ? 'none' : 'decimal'}
            autoComplete="off"
            enterKeyHint="next"
            maxLength={24}
            placeholder={amountText(0n, scale, locale)}
            aria-invalid={said ? true : undefined}
            aria-describedby={`amount-have${said ? ' amount-error' : ''}`}
            onChange={(event) => setAmount(event.target.value)}
          />
        </div>
        <p id="amount-have" className="muted small">
          {!hidden && (
            <>
              {t('send.have')} <Money amount={spendable(me)} currency={me.currency} />
            </>
          )}
          {sendable.hints.map((hint) => (
            <span key={hint} className="amount-hint">
              {hint}
            </span>
          ))}
        </p>
        <div role="alert">{said && <FieldError id="amount-error">{said}</FieldError>}</div>
      </div>
      {sendable.unverified && <VerifyBanner me={me} />}
      <TextField
        label={t('send.note')}
        labelHidden={touch}
        placeholder={touch ? t('send.note') : undefined}
        value={draft.note}
        dir="auto"
        maxLength={kNoteMax}
        autoComplete="off"
        hint={
          draft.note.length > 100
            ? t('send.noteLeft', { count: kNoteMax - draft.note.length })
            : undefined
        }
        onChange={(event) => save({ note: event.target.value })}
      />
      {touch && (
        <Keypad
          digits={scale.digits}
          onKey={(key) => setAmount(pressKey(draft.amount, key, scale, locale))}
        />
      )}
      <div className="send-bar">
        <Button type="submit" look="primary" block>
          {t('send.review')}
        </Button>
      </div>
    </form>
  );
}
