import { useState } from 'react';
import { FileCheck2, Printer, Share2 } from 'lucide-react';
import { receiptPdf } from '../api/endpoints';
import type { PublicUser, Transaction } from '../api/types';
import { currentLanguage, useLocale, useT } from '../i18n';
import { dateTime, timeZone } from '../lib/dates';
import { download } from '../lib/download';
import { explain } from '../lib/explain';
import { formatMoney } from '../money/money';
import { Button } from '../ui/Button';
import { copyAndSay } from '../ui/copied';
import { toast } from '../ui/toast';
import { PrintedReceipt } from './PrintedReceipt';

/** Share by the device's own sheet (or the clipboard where there is none), or print. */
export function ReceiptActions({
  transaction,
  sender,
  receiver,
}: {
  transaction: Transaction;
  sender: Pick<PublicUser, 'displayName' | 'username'> | null;
  receiver: Pick<PublicUser, 'displayName' | 'username'> | null;
}) {
  const t = useT();
  const locale = useLocale();
  const [saving, setSaving] = useState(false);
  const save = async () => {
    setSaving(true);
    try {
      const how = { lang: currentLanguage(), tz: timeZone() };
      const { blob, name } = await receiptPdf(transaction.id, how);
      download(blob, name ?? 'receipt.pdf');
    } catch (error) {
      toast(<span>{explain(error, { t, locale })}</span>);
    } finally {
      setSaving(false);
    }
  };
  const share = async () => {
    const text = t('receipt.shareText', {
      amount: formatMoney(transaction.amount, transaction.currency, locale),
      name: receiver?.displayName ?? t('kind.system'),
      time: dateTime(transaction.createdAt, locale),
      id: transaction.id,
    });
    try {
      if ('share' in navigator) await navigator.share({ title: t('receipt.title'), text });
      else await copyAndSay(text);
    } catch {
      // The person closed the sheet.
    }
  };
  return (
    <div className="row-wrap receipt-actions no-print">
      <Button small onClick={() => void share()}>
        <Share2 size={16} aria-hidden="true" />
        {t('receipt.share')}
      </Button>
      <Button small onClick={() => window.print()}>
        <Printer size={16} aria-hidden="true" />
        {t('receipt.print')}
      </Button>
      <Button small busy={saving} onClick={() => void save()}>
        {!saving && <FileCheck2 size={16} aria-hidden="true" />}
        {t('proof.pdf')}
      </Button>
      <PrintedReceipt transaction={transaction} sender={sender} receiver={receiver} />
    </div>
  );
}
