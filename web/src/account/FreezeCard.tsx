import { useState } from 'react';
import { Snowflake } from 'lucide-react';
import { freezeWallet } from '../api/endpoints';
import type { User } from '../api/types';
import { setMe } from '../app/me';
import { queryClient } from '../app/queries';
import { useT } from '../i18n';
import { StepForm } from '../pages/security/StepForm';
import { useStep } from '../pages/security/useStep';
import { Button } from '../ui/Button';
import { ContactSupport } from '../ui/ContactSupport';
import { Notice } from '../ui/Notice';
import { toast } from '../ui/toast';
import { UnfreezeForm } from './UnfreezeForm';

function AskToFreeze({ onDone }: { onDone: () => void }) {
  const t = useT();
  const { busy, failure, run } = useStep();
  const freeze = async () => {
    const frozen = await freezeWallet();
    setMe(() => frozen);
    void queryClient.invalidateQueries({ queryKey: ['sessions'] });
    toast(<span>{t('life.frozenNow')}</span>);
    onDone();
  };
  return (
    <StepForm
      submit={t('life.freezeNow')}
      look="danger"
      busy={busy}
      failure={failure}
      onSubmit={() => void run(freeze)}
      onCancel={onDone}
    >
      <ul className="bullets">
        <li>{t('life.freezeMoney')}</li>
        <li>{t('life.freezeSessions')}</li>
        <li>{t('life.freezeBack')}</li>
      </ul>
    </StepForm>
  );
}

/** For who has lost a phone: freezes the wallet at once, and lifts that again. */
export default function FreezeCard({ me }: { me: User }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const stop = () => setAsking(false);
  const isFrozen = me.status === 'frozen';
  return (
    <section className="card stack" aria-labelledby="freeze">
      <h2 id="freeze">{t('life.freezeTitle')}</h2>
      {!isFrozen ? (
        <p>{t('life.freezeBody')}</p>
      ) : (
        <Notice tone="warn" icon={Snowflake}>
          {t(me.frozenBy === 'user' ? 'home.frozenByMe' : 'home.frozenByStaff')}
        </Notice>
      )}
      {asking && !isFrozen && <AskToFreeze onDone={stop} />}
      {asking && isFrozen && <UnfreezeForm me={me} onDone={stop} />}
      {!asking && (
        <div className="row-wrap">
          {!isFrozen && (
            <Button look="danger" onClick={() => setAsking(true)}>
              <Snowflake size={18} aria-hidden="true" />
              {t('life.freeze')}
            </Button>
          )}
          {me.frozenBy === 'user' && isFrozen && (
            <Button look="primary" onClick={() => setAsking(true)}>
              {t('home.unfreeze')}
            </Button>
          )}
          {me.frozenBy === 'staff' && isFrozen && <ContactSupport />}
        </div>
      )}
    </section>
  );
}
