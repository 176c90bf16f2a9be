import { useId, useState, type ComponentProps, type ReactNode } from 'react';
import { CircleAlert, Eye, EyeOff } from 'lucide-react';
import { useT } from '../i18n';

type FieldProps = { label: ReactNode; error?: string | undefined; hint?: ReactNode };
type TextFieldProps = ComponentProps<'input'> & FieldProps & { labelHidden?: boolean };

export function FieldError({ id, children }: { id: string; children: ReactNode }) {
  return (
    <p className="field-error" id={id}>
      <CircleAlert size={16} aria-hidden="true" />
      <span>{children}</span>
    </p>
  );
}

function Frame({
  id,
  label,
  error,
  hint,
  labelHidden = false,
  children,
}: FieldProps & { id: string; labelHidden?: boolean; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden ? 'sr-only' : undefined}>
        {label}
      </label>
      {children}
      {hint && !error && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  );
}

const described = (id: string, error: unknown, hint: unknown) =>
  error ? `${id}-error` : hint ? `${id}-hint` : undefined;

export function TextField({ label, error, hint, labelHidden, ...input }: TextFieldProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} error={error} hint={hint} labelHidden={labelHidden ?? false}>
      <input
        {...input}
        id={id}
        className="input"
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, error, hint)}
      />
    </Frame>
  );
}

type SelectProps = ComponentProps<'select'> & Pick<TextFieldProps, 'label' | 'labelHidden'>;

/** One of a few; `children` are its options. */
export function SelectField({
  label,
  labelHidden = false,
  className = '',
  ...select
}: SelectProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} labelHidden={labelHidden}>
      <select {...select} id={id} className={`input ${className}`} />
    </Frame>
  );
}

type CheckProps = Omit<ComponentProps<'input'>, 'type'> & Pick<FieldProps, 'label' | 'hint'>;

/** A choice of yes or no. */
export function CheckField({ label, hint, ...input }: CheckProps) {
  const id = useId();
  return (
    <div>
      <label className="row tick">
        <input {...input} type="checkbox" aria-describedby={described(id, null, hint)} />
        <span className="grow">{label}</span>
      </label>
      {hint && (
        <p className="muted small" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function PasswordField({
  label,
  error,
  hint,
  ...input
}: Omit<TextFieldProps, 'labelHidden'>) {
  const id = useId();
  const t = useT();
  const [shown, setShown] = useState(false);
  return (
    <Frame id={id} label={label} error={error} hint={hint}>
      <div className="input-wrap">
        <input
          {...input}
          id={id}
          type={shown ? 'text' : 'password'}
          className="input"
          dir="ltr"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={error ? true : undefined}
          aria-describedby={described(id, error, hint)}
        />
        <button
          type="button"
          className="btn btn-icon"
          aria-label={t('field.showPassword')}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff size={20} aria-hidden="true" /> : <Eye size={20} aria-hidden="true" />}
        </button>
      </div>
    </Frame>
  );
}
