import { Link } from 'wouter';
import { queryClient } from '../app/queries';
import { toast } from '../ui/toast';
import type { Translate } from '../i18n';

/** What a form says whose request waits for another operator now. */
export function sentForApproval(t: Translate) {
  void queryClient.invalidateQueries({ queryKey: ['approvals'] });
  toast(
    <span>
      {t('approvals.sent')} <Link href="/console/approvals">{t('approvals.title')}</Link>
    </span>,
  );
}
