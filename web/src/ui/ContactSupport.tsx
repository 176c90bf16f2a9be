import { LifeBuoy } from 'lucide-react';
import { getSupport } from '../api/open';
import { useT } from '../i18n';
import { useAnswer } from '../lib/useAnswer';

/** A way to those who can help; nothing where the installation names nobody (SUPPORT_CONTACT). */
export function ContactSupport() {
  const t = useT();
  const { data } = useAnswer('support', getSupport);
  if (!data?.contact) return null;
  return (
    <a className="btn btn-outline btn-s" href={data.contact} rel="noreferrer">
      <LifeBuoy size={16} aria-hidden="true" />
      {t('support.contact')}
    </a>
  );
}
