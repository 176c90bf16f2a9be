import { useState } from 'react';
import { createMachine, type MachineScope } from '../api/machines';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { explainField } from '../lib/explain';
import { OwnPassword, StepForm } from '../pages/security/StepForm';
import { useStep } from '../pages/security/useStep';
import { AmountField } from '../ui/AmountField';
import { CheckField, FieldError, SelectField, TextField } from '../ui/Field';
import { useAmounts } from '../ui/useAmounts';
import { usePassword } from '../ui/usePassword';
import { sayRefusal } from './refusals';
import { kScopes } from './scopes';
import type { Shown } from './SecretOnce';

const kNameMax = 64;
const kDay_ms = 86_400_000;
const kLives = [
  { days: 0, text: 'machines.expires_never' },
  { days: 30, text: 'machines.expires_30' },
  { days: 90, text: 'machines.expires_90' },
  { days: 365, text: 'machines.expires_365' },
] as const;

type Problems = Partial<Record<'name' | 'scopes' | 'once' | 'day', string | undefined>>;

/** What a new program is called, what it may do and how much it may pay. */
export function AddMachine({
  me,
  onDone,
  onCancel,
}: {
  me: User;
  onDone: (shown: Shown) => void;
  onCancel: () => void;
}) {
  const t = useT();
  const amounts = useAmounts();
  const password = usePassword();
  const { run, ...step } = useStep(password, sayRefusal(t));
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<MachineScope[]>(['payments:read']);
  const [once, setOnce] = useState('');
  const [day, setDay] = useState('');
  const [days, setDays] = useState(0);
  const [problems, setProblems] = useState<Problems>({});
  const pays = scopes.includes('payments:write');

  // In one pass, so that all mistakes are seen at once; null while there are some.
  const check = () => {
    const found: Problems = {};
    if (!name.trim()) found.name = explainField('required', t);
    if (scopes.length === 0) found.scopes = t('machines.mayNothing');
    const [perRequest, perDay] = [amounts.read(once), amounts.read(day)];
    if (pays && !perRequest.ok) found.once = amounts.problem(perRequest);
    if (pays && !perDay.ok) found.day = amounts.problem(perDay);
    if (pays && perRequest.ok && perDay.ok && perDay.minor < perRequest.minor)
      found.day = t('machines.dayLess');
    setProblems(found);
    const typed = password.check();
    if (!typed || Object.keys(found).length > 0) return null;
    return {
      limits:
        pays && perRequest.ok && perDay.ok
          ? { perRequest: perRequest.minor, perDay: perDay.minor }
          : null,
    };
  };
  const submit = () => {
    const checked = check();
    if (!checked) return;
    void run(async () => {
      const made = await createMachine({
        name: name.trim(),
        scopes,
        limits: checked.limits,
        expiresAt: days === 0 ? null : new Date(Date.now() + days * kDay_ms).toISOString(),
        password: password.text,
      });
      onDone({ id: made.serviceAccount.id, secret: made.clientSecret ?? '' });
    });
  };
  return (
    <StepForm submit={t('machines.create')} {...step} onSubmit={submit} onCancel={onCancel}>
      <TextField
        label={t('machines.name')}
        hint={t('machines.nameHint')}
        value={name}
        error={problems.name}
        maxLength={kNameMax}
        dir="auto"
        onChange={(event) => setName(event.target.value)}
      />
      <fieldset className="stack-s machine-scopes">
        <legend>{t('machines.may')}</legend>
        {kScopes.map(({ scope, text }) => (
          <CheckField
            key={scope}
            label={t(text)}
            checked={scopes.includes(scope)}
            onChange={(event) =>
              setScopes(
                event.target.checked ? [...scopes, scope] : scopes.filter((s) => s !== scope),
              )
            }
          />
        ))}
        {problems.scopes && <FieldError id="machine-scopes">{problems.scopes}</FieldError>}
      </fieldset>
      {pays && (
        <>
          <AmountField
            label={(currency) => t('machines.perRequest', { currency })}
            value={once}
            error={problems.once}
            onText={setOnce}
          />
          <AmountField
            label={(currency) => t('machines.perDay', { currency })}
            hint={t('machines.perDayHint')}
            value={day}
            error={problems.day}
            onText={setDay}
          />
        </>
      )}
      <SelectField
        label={t('machines.expires')}
        value={String(days)}
        onChange={(event) => setDays(Number(event.target.value))}
      >
        {kLives.map((life) => (
          <option key={life.days} value={String(life.days)}>
            {t(life.text)}
          </option>
        ))}
      </SelectField>
      <OwnPassword me={me} password={password} />
    </StepForm>
  );
}
