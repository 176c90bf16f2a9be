import type { ReactNode, SubmitEvent } from 'react';
import type { User } from '../../api/types';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { PasswordField } from '../../ui/Field';
import { Failure } from '../../ui/Notice';
import type { usePassword } from '../../ui/usePassword';

type Props = {
  submit: string;
  look?: 'primary' | 'danger';
  busy: boolean;
  failure?: string | null;
  onSubmit: () => void;
  onCancel: () => void;
  children: ReactNode;
};

/** A form within a card, which can be left again. */
export function StepForm({
  submit,
  look = 'primary',
  busy,
  failure,
  onSubmit,
  onCancel,
  children,
}: Props) {
  const t = useT();
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <Failure>{failure}</Failure>
      <div className="row-wrap">
        <Button type="submit" look={look} busy={busy}>
          {submit}
        </Button>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}

/** The password of now; what keeps passwords is told whose it is. */
export function OwnPassword({
  me,
  password,
}: {
  me: User;
  password: ReturnType<typeof usePassword>;
}) {
  return (
    <>
      <input type="text" autoComplete="username" value={me.email} readOnly hidden />
      <PasswordField {...password.field} />
    </>
  );
}
