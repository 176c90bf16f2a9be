import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { getFactors } from '../../api/endpoints';
import type { Factors, User } from '../../api/types';
import { queryClient } from '../../app/queries';
import { useLocale, useT } from '../../i18n';
import { date } from '../../lib/dates';
import { Button, ButtonLink } from '../../ui/Button';
import { PageTitle } from '../../ui/Page';
import { BlockSkeleton, Failed } from '../../ui/States';
import { ChangeFactor } from './ChangeFactor';
import { Enrolment } from './Enrolment';
import { RecoveryCodes } from './RecoveryCodes';
import { StepUpRules } from './StepUpRules';
import '../../styles/security.css';

const kFactors = ['factors'];
const kFewCodes = 3;

type Doing = 'nothing' | 'setUp' | 'newCodes' | 'turnOff';

function AppCard({ me, factors }: { me: User; factors: Factors }) {
  const t = useT();
  const locale = useLocale();
  const [doing, setDoing] = useState<Doing>('nothing');
  const [codes, setCodes] = useState<string[] | null>(null);
  const stop = () => setDoing('nothing');
  const changed = (shown: string[] | null) => {
    setCodes(shown);
    stop();
    void queryClient.invalidateQueries({ queryKey: kFactors });
    void queryClient.invalidateQueries({ queryKey: ['sessions'] });
  };
  if (codes) return <RecoveryCodes me={me} codes={codes} onDone={() => setCodes(null)} />;
  const few = factors.recoveryCodesLeft < kFewCodes;
  return (
    <section className="card stack" aria-labelledby="app">
      <h2 id="app">{t('security.app')}</h2>
      {factors.totp ? (
        <>
          <p className="notice notice-ok">
            <ShieldCheck size={18} aria-hidden="true" />
            <span>{t('security.on', { date: date(factors.totp.since, locale) })}</span>
          </p>
          <p className={few ? 'notice notice-warn' : 'muted'}>
            {t('security.codesLeft', { count: factors.recoveryCodesLeft })}
          </p>
        </>
      ) : (
        <p className="notice notice-warn">
          <ShieldAlert size={18} aria-hidden="true" />
          <span>{t('security.off')}</span>
        </p>
      )}
      {doing === 'setUp' && <Enrolment me={me} onDone={changed} onCancel={stop} />}
      {(doing === 'newCodes' || doing === 'turnOff') && (
        <ChangeFactor key={doing} me={me} what={doing} onDone={changed} onCancel={stop} />
      )}
      {doing === 'nothing' && (
        <div className="row-wrap">
          {factors.totp ? (
            <>
              <Button onClick={() => setDoing('newCodes')}>{t('security.newCodes')}</Button>
              <Button look="danger" onClick={() => setDoing('turnOff')}>
                {t('security.turnOff')}
              </Button>
            </>
          ) : (
            <Button look="primary" onClick={() => setDoing('setUp')}>
              {t('security.setUp')}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

export default function SecurityPage({ me }: { me: User }) {
  const t = useT();
  const query = useQuery({ queryKey: kFactors, queryFn: getFactors });
  return (
    <div className="stack settings">
      <PageTitle>{t('security.title')}</PageTitle>
      {query.isPending ? (
        <BlockSkeleton />
      ) : query.isError ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <AppCard me={me} factors={query.data} />
          {query.data.totp && (
            <StepUpRules
              me={me}
              rules={query.data.stepUp}
              onSaved={(factors) => queryClient.setQueryData(kFactors, factors)}
            />
          )}
        </>
      )}
      <ButtonLink href="/settings" look="quiet" className="no-print">
        {t('security.backToSettings')}
      </ButtonLink>
    </div>
  );
}
