import { useQuery } from '@tanstack/react-query';
import { LifeBuoy } from 'lucide-react';
import { getSupport } from '../api/endpoints';
import { useT } from '../i18n';

/** A way to those who can help; nothing where the installation names nobody (SUPPORT_CONTACT). */
export function ContactSupport() {
  const t = useT();
  const { data } = useQuery({ queryKey: ['support'], queryFn: getSupport, staleTime: Infinity });
  if (!data?.contact) return null;
  return (
    <a className="btn btn-outline btn-s" href={data.contact} rel="noreferrer">
      <LifeBuoy size={16} aria-hidden="true" />
      {t('support.contact')}
    </a>
  );
}
