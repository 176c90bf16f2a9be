import { useQuery } from '@tanstack/react-query';
import { getFactors, unfreezeWallet } from '../api/endpoints';
import type { Factors, User } from '../api/types';
import { setMe } from '../app/me';
import { useT } from '../i18n';
import { OwnPassword, StepForm } from '../pages/security/StepForm';
import { useStep } from '../pages/security/useStep';
import { BlockSkeleton, Failed } from '../ui/States';
import { toast } from '../ui/toast';
import { usePassword } from '../ui/usePassword';

type Props = { me: User; onDone: () => void };

function Form({ me, onDone, factors }: Props & { factors: Factors }) {
  const t = useT();
  const password = usePassword();
  const { busy, failure, run } = useStep(password);
  // Who has a second factor is asked for it, over the form, when it was not shown just now.
  const hasFactor = factors.totp !== null || factors.passkeys.length > 0;
  const submit = () => {
    if (!hasFactor && !password.check()) return;
    void run(async () => {
      const active = await unfreezeWallet(hasFactor ? null : password.text);
      setMe(() => active);
      toast(<span>{t('life.unfrozen')}</span>);
      onDone();
    });
  };
  return (
    <StepForm
      submit={t('home.unfreeze')}
      busy={busy}
      failure={failure}
      onSubmit={submit}
      onCancel={onDone}
    >
      <p>{t(hasFactor ? 'life.unfreezeFactor' : 'life.unfreezePassword')}</p>
      {!hasFactor && <OwnPassword me={me} password={password} />}
    </StepForm>
  );
}

/** Lifts what its owner has frozen: with a second factor, or else the password. */
export function UnfreezeForm(props: Props) {
  const factors = useQuery({ queryKey: ['factors'], queryFn: getFactors });
  if (factors.isPending) return <BlockSkeleton />;
  if (factors.isError)
    return <Failed error={factors.error} onRetry={() => void factors.refetch()} />;
  return <Form {...props} factors={factors.data} />;
}
