import { Suspense, lazy, useState } from 'react';
import { Snowflake } from 'lucide-react';
import type { User } from '../api/types';
import { useT, withTexts } from '../i18n';
import { Button } from '../ui/Button';
import { ContactSupport } from '../ui/ContactSupport';

const UnfreezeDialog = lazy(withTexts(['life', 'security'], () => import('./UnfreezeDialog')));

/** The way out of a frozen wallet: its owner's own, or whom to ask. */
export function WayOut({ me }: { me: User }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  if (me.frozenBy !== 'user') return <ContactSupport />;
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('home.unfreeze')}
      </Button>
      {open && (
        <Suspense fallback={null}>
          <UnfreezeDialog me={me} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Says that the wallet is frozen, by whom, and how it is lifted. */
export function FrozenNotice({ me }: { me: User }) {
  const t = useT();
  if (me.status !== 'frozen') return null;
  return (
    <div className="notice notice-warn" data-testid="frozen">
      <Snowflake size={18} aria-hidden="true" />
      <div className="stack-s">
        <p>{t(me.frozenBy === 'user' ? 'home.frozenByMe' : 'home.frozenByStaff')}</p>
        <WayOut me={me} />
      </div>
    </div>
  );
}
