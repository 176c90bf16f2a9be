import { useEffect, type ReactNode } from 'react';
import { Globe, ShieldCheck, Zap } from 'lucide-react';
import { currentLanguage, setLanguage, useT } from '../i18n';
import { ConnectivityBanner } from '../app/ConnectivityBanner';
import { Button } from '../ui/Button';
import { Mark } from '../ui/Mark';

/** The frame of the pages before sign-in. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  const t = useT();
  const other = currentLanguage() === 'ar' ? 'en' : 'ar';
  useEffect(() => {
    document.title = `${title} · Mini-InstaPay`;
  }, [title]);
  return (
    <>
      <ConnectivityBanner />
      <div className="gate">
        <aside className="gate-hero lattice">
          <span className="brand">
            <Mark />
            <span>Mini-InstaPay</span>
          </span>
          <h2>{t('gate.headline')}</h2>
          <p>{t('gate.subline')}</p>
          <ul className="gate-points">
            <li>
              <Zap size={20} aria-hidden="true" />
              {t('gate.fast')}
            </li>
            <li>
              <ShieldCheck size={20} aria-hidden="true" />
              {t('gate.safe')}
            </li>
          </ul>
        </aside>
        <main className="gate-body">
          <div className="card stack">
            <h1>{title}</h1>
            {children}
          </div>
          <div className="gate-foot">
            <Button look="quiet" small lang={other} onClick={() => void setLanguage(other)}>
              <Globe size={18} aria-hidden="true" />
              {other === 'ar' ? 'العربية' : 'English'}
            </Button>
          </div>
        </main>
      </div>
    </>
  );
}
