import { ArrowLeft } from 'lucide-react';
import { Link } from 'wouter';
import { useT } from '../i18n';
import { cameFrom, goingBack } from '../lib/trail';

/** Back to the list that led here, where it was left; to `fallback` when none did. */
export function BackLink({ from, fallback }: { from: RegExp; fallback: string }) {
  const t = useT();
  return (
    <Link
      href={cameFrom(from, fallback)}
      className="btn btn-icon"
      aria-label={t('action.back')}
      onClick={goingBack}
    >
      <ArrowLeft size={20} aria-hidden="true" className="flip" />
    </Link>
  );
}
