import { useState } from 'react';
import { Bot } from 'lucide-react';
import {
  addSecret,
  endMachine,
  removeCredential,
  renameMachine,
  type ServiceAccount,
} from '../api/machines';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { ago, date } from '../lib/dates';
import { currency } from '../money/currency';
import { formatMoney, type Money } from '../money/money';
import { OwnPassword, StepForm } from '../pages/security/StepForm';
import { useStep } from '../pages/security/useStep';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { toast } from '../ui/toast';
import { usePassword } from '../ui/usePassword';
import { sayRefusal } from './refusals';
import { kScopes } from './scopes';
import type { Shown } from './SecretOnce';

const kNameMax = 64;

const hasEnded = ({ revokedAt, expiresAt }: ServiceAccount) =>
  revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= Date.now());

type Of = { machine: ServiceAccount; onDone: (shown: Shown | null) => void; onCancel: () => void };

function Rename({ machine, onDone, onCancel }: Of) {
  const t = useT();
  const { run, ...step } = useStep(undefined, sayRefusal(t));
  const [name, setName] = useState(machine.name);
  const submit = () => {
    void run(async () => {
      await renameMachine(machine.id, name);
      toast(<span>{t('machines.renamed')}</span>);
      onDone(null);
    });
  };
  return (
    <StepForm submit={t('action.save')} {...step} onSubmit={submit} onCancel={onCancel}>
      <TextField
        label={t('machines.name')}
        value={name}
        maxLength={kNameMax}
        dir="auto"
        onChange={(event) => setName(event.target.value)}
      />
    </StepForm>
  );
}

function NewSecret({ me, machine, onDone, onCancel }: Of & { me: User }) {
  const t = useT();
  const password = usePassword();
  const { run, ...step } = useStep(password, sayRefusal(t));
  const submit = () => {
    if (!password.check()) return;
    void run(async () => {
      const made = await addSecret(machine.id, password.text);
      onDone({ id: machine.id, secret: made.clientSecret ?? '' });
    });
  };
  return (
    <StepForm submit={t('machines.create')} {...step} onSubmit={submit} onCancel={onCancel}>
      <p>{t('machines.newSecretBody')}</p>
      <OwnPassword me={me} password={password} />
    </StepForm>
  );
}

function End({ machine, onDone, onCancel }: Of) {
  const t = useT();
  const { run, ...step } = useStep(undefined, sayRefusal(t));
  const submit = () => {
    void run(async () => {
      await endMachine(machine.id);
      toast(<span>{t('machines.endDone')}</span>);
      onDone(null);
    });
  };
  return (
    <StepForm
      submit={t('machines.end')}
      look="danger"
      {...step}
      onSubmit={submit}
      onCancel={onCancel}
    >
      <p>{t('machines.endBody')}</p>
    </StepForm>
  );
}

function Credentials({ machine, onDone }: Pick<Of, 'machine' | 'onDone'>) {
  const t = useT();
  const locale = useLocale();
  const { run, busy, failure } = useStep(undefined, sayRefusal(t));
  const remove = (id: string) => {
    void run(async () => {
      await removeCredential(machine.id, id);
      toast(<span>{t('machines.credentialRemoved')}</span>);
      onDone(null);
    });
  };
  return (
    <>
      <ul className="list">
        {machine.credentials.map((credential) => {
          const when = { date: date(credential.createdAt, locale) };
          const name =
            credential.kind === 'key'
              ? t('machines.credential_key', when)
              : t('machines.credential_secret', when);
          return (
            <li key={credential.id} className="row">
              <span className="grow small">
                {name} ·{' '}
                {credential.lastUsedAt
                  ? t('machines.used', { ago: ago(credential.lastUsedAt, locale) })
                  : t('machines.unused')}
              </span>
              {machine.credentials.length > 1 && (
                <Button
                  small
                  busy={busy}
                  aria-label={t('machines.removeCredentialOf', { credential: name })}
                  onClick={() => remove(credential.id)}
                >
                  {t('machines.removeCredential')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <Failure>{failure}</Failure>
    </>
  );
}

function Facts({ machine }: { machine: ServiceAccount }) {
  const t = useT();
  const locale = useLocale();
  const money = (amount: Money) => formatMoney(amount, currency().code, locale);
  const { limits } = machine;
  const may = kScopes.filter(({ scope }) => machine.scopes.includes(scope));
  return (
    <>
      <p className="item-sub">{may.map(({ text }) => t(text)).join(' · ')}</p>
      <p className="item-sub">
        {[
          t('machines.created', { date: date(machine.createdAt, locale) }),
          machine.lastUsedAt
            ? t('machines.used', { ago: ago(machine.lastUsedAt, locale) })
            : t('machines.unused'),
          ...(machine.expiresAt
            ? [t('machines.endsOn', { date: date(machine.expiresAt, locale) })]
            : []),
        ].join(' · ')}
      </p>
      {limits && (
        <p className="item-sub">
          {t('machines.limits', {
            once: money(limits.perRequest),
            day: money(limits.perDay),
            today: money(limits.orderedToday),
          })}
          {!limits.provenByFactor && ` ${t('machines.noFactor')}`}
        </p>
      )}
    </>
  );
}

export function MachineRow({
  me,
  machine,
  onChanged,
}: {
  me: User;
  machine: ServiceAccount;
  onChanged: (shown: Shown | null) => void;
}) {
  const t = useT();
  const [doing, setDoing] = useState<'nothing' | 'rename' | 'newSecret' | 'end'>('nothing');
  const stop = () => setDoing('nothing');
  const done = (shown: Shown | null) => {
    stop();
    onChanged(shown);
  };
  const of = { machine, onDone: done, onCancel: stop };
  const { name } = machine;
  const ended = hasEnded(machine);
  return (
    <li className="stack-s">
      <div className="item session">
        <span className="avatar" aria-hidden="true">
          <Bot size={20} />
        </span>
        <div className="grow">
          <p className="item-title" dir="auto">
            {name}
          </p>
          <Facts machine={machine} />
        </div>
        {ended && <span className="badge">{t('machines.ended')}</span>}
      </div>
      {!ended && <Credentials machine={machine} onDone={done} />}
      {doing === 'rename' && <Rename {...of} />}
      {doing === 'newSecret' && <NewSecret me={me} {...of} />}
      {doing === 'end' && <End {...of} />}
      {!ended && doing === 'nothing' && (
        <div className="row-wrap">
          <Button
            small
            aria-label={t('machines.renameOf', { name })}
            onClick={() => setDoing('rename')}
          >
            {t('machines.rename')}
          </Button>
          <Button
            small
            aria-label={t('machines.newSecretOf', { name })}
            onClick={() => setDoing('newSecret')}
          >
            {t('machines.newSecret')}
          </Button>
          <Button
            small
            look="danger"
            aria-label={t('machines.endOf', { name })}
            onClick={() => setDoing('end')}
          >
            {t('machines.end')}
          </Button>
        </div>
      )}
    </li>
  );
}
