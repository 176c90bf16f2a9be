import { Link } from 'wouter';
import type { TFunction } from 'i18next';
import { queryClient } from '../app/queries';
import { toast } from '../ui/toast';

/** What a form says whose request waits for another operator now. */
export function sentForApproval(t: TFunction) {
  void queryClient.invalidateQueries({ queryKey: ['approvals'] });
  toast(
    <span>
      {t('approvals.sent')} <Link href="/console/approvals">{t('approvals.title')}</Link>
    </span>,
  );
}
