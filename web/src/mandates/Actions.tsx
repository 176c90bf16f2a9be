import { useState } from 'react';
import { Check, CircleAlert, HandCoins, Trash2, X } from 'lucide-react';
import { acceptMandate, endMandate, type MandateDetails } from '../api/mandates';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { timeZone } from '../lib/dates';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Failure, Notice } from '../ui/Notice';
import { toast } from '../ui/toast';
import { DrawDialog } from './DrawDialog';
import { useAct } from './useAct';

/** What the reader can do about a mandate while it is open. */
export function Actions({ mandate, me }: { mandate: MandateDetails; me: User }) {
  const t = useT();
  const { busy, failure, act } = useAct();
  const [open, setOpen] = useState<'draw' | 'cancel' | null>(null);
  const { id, status } = mandate;
  const pays = mandate.payer.id === me.id;
  const draws = mandate.payee.id === me.id;
  const proposed = status === 'proposed';
  const close = () => setOpen(null);
  const said = (text: string) => () => {
    toast(<span>{text}</span>);
  };
  const accept = () =>
    act('accept', () => acceptMandate(id, timeZone()), said(t('mandates.accepted')));
  const decline = () =>
    act('decline', () => endMandate(id, 'decline'), said(t('mandates.declined')));
  const cancel = () => act('cancel', () => endMandate(id, 'cancel'), said(t('mandates.cancelled')));

  if ((!proposed && status !== 'active') || (!pays && !draws))
    return <Failure icon={CircleAlert}>{failure}</Failure>;
  return (
    <>
      {proposed && <Notice>{t(pays ? 'mandates.policy' : 'mandates.waits')}</Notice>}
      <Failure icon={CircleAlert}>{failure}</Failure>
      <div className="row-wrap">
        {proposed && pays && (
          <>
            <Button look="primary" busy={busy === 'accept'} onClick={() => void accept()}>
              <Check size={18} aria-hidden="true" />
              {t('mandates.accept')}
            </Button>
            <Button look="outline" busy={busy === 'decline'} onClick={() => void decline()}>
              <X size={18} aria-hidden="true" />
              {t('mandates.decline')}
            </Button>
          </>
        )}
        {status === 'active' && draws && (
          <Button look="primary" onClick={() => setOpen('draw')}>
            <HandCoins size={18} aria-hidden="true" />
            {t('mandates.draw')}
          </Button>
        )}
        {!(proposed && pays) && (
          <Button look="quiet" onClick={() => setOpen('cancel')}>
            <Trash2 size={18} aria-hidden="true" />
            {t('mandates.cancel')}
          </Button>
        )}
      </div>
      {open === 'draw' && <DrawDialog mandate={mandate} onClose={close} />}
      <Dialog open={open === 'cancel'} onClose={close} title={t('mandates.cancelTitle')}>
        <p className="muted">{t('mandates.cancelBody')}</p>
        <div className="dialog-actions">
          <Button
            look="danger"
            busy={busy === 'cancel'}
            onClick={() => void cancel().finally(close)}
          >
            {t('mandates.cancelYes')}
          </Button>
          <Button onClick={close}>{t('mandates.keep')}</Button>
        </div>
      </Dialog>
    </>
  );
}
