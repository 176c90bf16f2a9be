import { useState } from 'react';
import { Ban } from 'lucide-react';
import { block, declineRequest, type RequestDetails } from '../../api/requests';
import { queryClient } from '../../app/queries';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import { kNoteMax, plainText } from '../../lib/text';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { toast } from '../../ui/toast';
import { kBlocksKey, kRequestsKey, requestChanged } from './useRequests';

/** Saying no, with a reason if there is one; and to the person for good. */
export function Decline({ request }: { request: RequestDetails }) {
  const t = useT();
  const locale = useLocale();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const decline = async (andBlock: boolean) => {
    setBusy(true);
    try {
      requestChanged(await declineRequest(request.id, plainText(reason)));
      if (andBlock) {
        await block(request.payee.id);
        void queryClient.invalidateQueries({ queryKey: kBlocksKey });
        void queryClient.invalidateQueries({ queryKey: kRequestsKey });
      }
      toast(<span>{t(andBlock ? 'requests.blockedNow' : 'requests.declined')}</span>);
    } catch (error) {
      toast(<span>{explain(error, { t, locale })}</span>);
      void queryClient.invalidateQueries({ queryKey: kRequestsKey });
    } finally {
      setBusy(false);
      setOpen(false);
    }
  };
  return (
    <>
      <Button look="quiet" block onClick={() => setOpen(true)}>
        {t('requests.decline')}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t('requests.declineTitle')}>
        <p className="muted">{t('requests.declineBody', { name: request.payee.displayName })}</p>
        <TextField
          label={t('requests.reasonOptional')}
          value={reason}
          dir="auto"
          maxLength={kNoteMax}
          autoComplete="off"
          onChange={(event) => setReason(event.target.value)}
        />
        <div className="dialog-actions">
          <Button look="danger" busy={busy} onClick={() => void decline(false)}>
            {t('requests.decline')}
          </Button>
          <Button look="outline" busy={busy} onClick={() => void decline(true)}>
            <Ban size={18} aria-hidden="true" />
            {t('requests.declineAndBlock')}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
