import { ArrowLeft } from 'lucide-react';
import { Link } from 'wouter';
import { useT } from '../../i18n';
import { PageTitle } from '../../ui/Page';
import { useStepStart } from './useStepStart';

const kSteps = 3;

export function StepHead({ title, step, back }: { title: string; step: number; back: string }) {
  const t = useT();
  const heading = useStepStart();
  return (
    <div className="step-head">
      <Link href={back} className="btn btn-icon" aria-label={t('action.back')}>
        <ArrowLeft size={20} aria-hidden="true" className="flip" />
      </Link>
      <div className="grow">
        <PageTitle ref={heading}>{title}</PageTitle>
        <p className="sr-only">{t('send.step', { step, steps: kSteps })}</p>
      </div>
      <ol className="dots" aria-hidden="true">
        {Array.from({ length: kSteps }, (_, index) => (
          <li key={index} className={index < step ? 'on' : ''} />
        ))}
      </ol>
    </div>
  );
}
