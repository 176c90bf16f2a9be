import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Check, Volume2, VolumeX, X } from 'lucide-react';
import type { HistoryItem, User } from '../api/types';
import { useT } from '../i18n';
import { local } from '../lib/store';
import { onLiveEntry } from '../live/useLiveEntries';
import type { Money as Amount } from '../money/money';
import { Button } from '../ui/Button';
import { Money } from '../ui/Money';
import { Notice } from '../ui/Notice';
import { PageTitle } from '../ui/Page';

const kSound = 'instapay.shop.sound';

/** Two short tones, made here: a file would have to be loaded when it matters. */
function ring() {
  const audio = new AudioContext();
  [880, 1320].forEach((hertz, index) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + index * 0.14;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.25, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.45);
  });
  setTimeout(() => void audio.close(), 1_000);
}

/** Keeps the screen of a till on where the browser can. */
function useWakeLock() {
  useEffect(() => {
    const wake = navigator.wakeLock as WakeLock | undefined;
    let lock: WakeLockSentinel | undefined;
    let over = false;
    const take = () =>
      void wake
        ?.request('screen')
        .then((taken) => {
          lock = taken;
          if (over) void taken.release();
        })
        .catch(() => undefined);
    const again = () => document.visibilityState === 'visible' && take();
    take();
    document.addEventListener('visibilitychange', again);
    return () => {
      over = true;
      document.removeEventListener('visibilitychange', again);
      void lock?.release();
    };
  }, []);
}

type Props = {
  me: User;
  code: ReactNode;
  amountField: ReactNode;
  amount: Amount | null;
  onNext: () => void;
  onClose: () => void;
};

/** A till: amount and code for one customer, who paid in large letters, then the next one. */
export function Shop({ me, code, amountField, amount, onNext, onClose }: Props) {
  const t = useT();
  const [received, setReceived] = useState<HistoryItem | null>(null);
  const [sound, setSound] = useState(() => local.read(kSound) !== null);
  const next = useRef<HTMLButtonElement>(null);
  useWakeLock();
  useEffect(
    () =>
      onLiveEntry((entry) => {
        if (entry.direction !== 'in' || entry.kind !== 'transfer') return false;
        setReceived(entry);
        if (sound) ring();
        return true;
      }),
    [sound],
  );
  useEffect(() => next.current?.focus(), [received]);
  const SoundIcon = sound ? Volume2 : VolumeX;
  const less = received !== null && amount !== null && received.amount !== amount;

  return (
    <div className={`shop${received ? ' shop-paid' : ''}`}>
      <div className="row between">
        <PageTitle>{t('shop.title')}</PageTitle>
        <div className="row">
          <Button
            look="quiet"
            aria-pressed={sound}
            aria-label={t('shop.sound')}
            onClick={() => {
              local.write(kSound, sound ? null : '1');
              setSound(!sound);
              if (!sound) ring();
            }}
          >
            <SoundIcon size={20} aria-hidden="true" />
          </Button>
          <Button look="quiet" aria-label={t('shop.close')} onClick={onClose}>
            <X size={20} aria-hidden="true" />
          </Button>
        </div>
      </div>
      <div role="status" className="shop-status">
        {received && (
          <div className="stack center shop-received">
            <span className="done-mark" aria-hidden="true">
              <Check size={56} strokeWidth={2.5} />
            </span>
            <p>{t('shop.received')}</p>
            <p className="shop-amount fits">
              <Money fit amount={received.amount} currency={received.currency} />
            </p>
            <p className="shop-from">
              {t('shop.from')} <bdi>{received.counterparty?.displayName ?? t('kind.system')}</bdi>
            </p>
            {less && (
              <Notice tone="warn">
                {t('shop.asked')} <Money amount={amount} currency={me.currency} />
              </Notice>
            )}
          </div>
        )}
      </div>
      {received ? (
        <button
          ref={next}
          type="button"
          className="btn btn-primary btn-block"
          onClick={() => {
            setReceived(null);
            onNext();
          }}
        >
          {t('shop.next')}
        </button>
      ) : (
        <>
          {amountField}
          {code}
          {amount !== null && (
            <p className="shop-amount fits center">
              <Money fit amount={amount} currency={me.currency} />
            </p>
          )}
          <p className="muted center">{t('shop.waiting')}</p>
        </>
      )}
    </div>
  );
}
