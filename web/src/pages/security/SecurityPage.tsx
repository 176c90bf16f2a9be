import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { getFactors } from '../../api/endpoints';
import type { Factors, User } from '../../api/types';
import { queryClient } from '../../app/queries';
import { useLocale, useT, withTexts } from '../../i18n';
import { date } from '../../lib/dates';
import { Button, ButtonLink } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { PageTitle } from '../../ui/Page';
import { BlockSkeleton, Failed } from '../../ui/States';
import { ChangeFactor } from './ChangeFactor';
import { Enrolment } from './Enrolment';
import { PasskeyCard } from './Passkeys';
import { PinCard } from './PinCard';
import { RecoveryCodes } from './RecoveryCodes';
import { StepUpRules } from './StepUpRules';
import '../../styles/security.css';
import '../../styles/settings.css';

const FreezeCard = lazy(withTexts(['life'], () => import('../../account/FreezeCard')));
const MachinesCard = lazy(withTexts(['machines'], () => import('../../machines/MachinesCard')));
const kFactors = ['factors'];
const kFewCodes = 3;

type Card = { me: User; factors: Factors; onChanged: (codes: string[] | null) => void };

const hasFactor = (factors: Factors) => factors.totp !== null || factors.passkeys.length > 0;

function AppCard({ me, factors, onChanged }: Card) {
  const t = useT();
  const locale = useLocale();
  const [doing, setDoing] = useState<'nothing' | 'setUp' | 'turnOff'>('nothing');
  const stop = () => setDoing('nothing');
  const changed = (codes: string[] | null) => {
    stop();
    onChanged(codes);
  };
  return (
    <section className="card stack" aria-labelledby="app">
      <h2 id="app">{t('security.app')}</h2>
      {factors.totp ? (
        <Notice tone="ok" icon={ShieldCheck}>
          {t('security.on', { date: date(factors.totp.since, locale) })}
        </Notice>
      ) : factors.passkeys.length > 0 ? (
        <p className="muted">{t('security.appToo')}</p>
      ) : (
        <Notice tone="warn" icon={ShieldAlert}>
          {t('security.off')}
        </Notice>
      )}
      {doing === 'setUp' && <Enrolment me={me} onDone={changed} onCancel={stop} />}
      {doing === 'turnOff' && (
        <ChangeFactor
          me={me}
          what="turnOff"
          hasPasskeys={factors.passkeys.length > 0}
          onDone={changed}
          onCancel={stop}
        />
      )}
      {doing === 'nothing' && (
        <div className="row-wrap">
          {factors.totp ? (
            <Button look="danger" onClick={() => setDoing('turnOff')}>
              {t('security.turnOff')}
            </Button>
          ) : (
            <Button
              look={factors.passkeys.length > 0 ? 'plain' : 'primary'}
              onClick={() => setDoing('setUp')}
            >
              {t('security.setUp')}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function CodesCard({ me, factors, onChanged }: Card) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const few = factors.recoveryCodesLeft < kFewCodes;
  return (
    <section className="card stack no-print" aria-labelledby="recovery">
      <h2 id="recovery">{t('security.codes')}</h2>
      <p>{t('security.codesHint')}</p>
      <p className={few ? 'notice notice-warn' : 'muted'}>
        {t('security.codesLeft', { count: factors.recoveryCodesLeft })}
      </p>
      {asking ? (
        <ChangeFactor
          me={me}
          what="newCodes"
          hasPasskeys={factors.passkeys.length > 0}
          onDone={(codes) => {
            setAsking(false);
            onChanged(codes);
          }}
          onCancel={() => setAsking(false)}
        />
      ) : (
        <div className="row-wrap">
          <Button onClick={() => setAsking(true)}>{t('security.newCodes')}</Button>
        </div>
      )}
    </section>
  );
}

function Cards({ me, factors }: { me: User; factors: Factors }) {
  const [codes, setCodes] = useState<string[] | null>(null);
  const changed = (shown: string[] | null) => {
    setCodes(shown);
    void queryClient.invalidateQueries({ queryKey: kFactors });
    void queryClient.invalidateQueries({ queryKey: ['sessions'] });
  };
  if (codes) return <RecoveryCodes me={me} codes={codes} onDone={() => setCodes(null)} />;
  const card = { me, factors, onChanged: changed };
  return (
    <>
      <PasskeyCard {...card} />
      <AppCard {...card} />
      {hasFactor(factors) && (
        <>
          <CodesCard {...card} />
          {factors.pin && (
            <PinCard
              me={me}
              pins={factors.pin}
              onSaved={(saved) => queryClient.setQueryData(kFactors, saved)}
              onChanged={() => changed(null)}
            />
          )}
          <StepUpRules
            rules={factors.stepUp}
            onSaved={(saved) => queryClient.setQueryData(kFactors, saved)}
          />
        </>
      )}
      <Suspense fallback={<BlockSkeleton />}>
        <MachinesCard me={me} />
      </Suspense>
    </>
  );
}

export default function SecurityPage({ me }: { me: User }) {
  const t = useT();
  const query = useQuery({ queryKey: kFactors, queryFn: getFactors });
  return (
    <div className="stack settings">
      <PageTitle>{t('security.title')}</PageTitle>
      <Suspense fallback={<BlockSkeleton />}>
        <FreezeCard me={me} />
      </Suspense>
      {query.isPending ? (
        <BlockSkeleton />
      ) : query.isError ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Cards me={me} factors={query.data} />
      )}
      <ButtonLink href="/settings" look="quiet" className="no-print">
        {t('security.backToSettings')}
      </ButtonLink>
    </div>
  );
}
