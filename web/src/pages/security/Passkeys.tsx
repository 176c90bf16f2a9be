import { useEffect, useRef, useState, type RefObject } from 'react';
import { KeyRound } from 'lucide-react';
import { addPasskey, beginPasskey, removePasskey, renamePasskey } from '../../api/endpoints';
import type { Factors, Passkey, User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { ago, date } from '../../lib/dates';
import { explainField } from '../../lib/explain';
import { hasPasskeys } from '../../lib/hasPasskeys';
import { createPasskey } from '../../lib/passkey';
import { describeAgent } from '../../lib/userAgent';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { Notice } from '../../ui/Notice';
import { toast } from '../../ui/toast';
import { usePassword } from '../../ui/usePassword';
import { OwnPassword, StepForm } from './StepForm';
import { useStep } from './useStep';

const kNameMax = 64;

type Changed = (codes: string[] | null) => void;

function NameField({
  ref,
  value,
  problem,
  onChange,
}: {
  ref?: RefObject<HTMLInputElement | null>;
  value: string;
  problem?: string | undefined;
  onChange: (name: string) => void;
}) {
  const t = useT();
  return (
    <TextField
      ref={ref}
      label={t('security.passkeyName')}
      hint={t('security.passkeyNameHint')}
      value={value}
      error={problem}
      maxLength={kNameMax}
      dir="auto"
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function Add({ me, onDone, onCancel }: { me: User; onDone: Changed; onCancel: () => void }) {
  const t = useT();
  const password = usePassword();
  const { run, ...step } = useStep(password);
  const [name, setName] = useState(() => describeAgent(navigator.userAgent).name ?? '');
  const [problem, setProblem] = useState<string>();
  const submit = () => {
    if (!name.trim()) return setProblem(explainField('required', t));
    if (!password.check()) return;
    void run(async () => {
      const { publicKey } = await beginPasskey(password.text);
      const { recoveryCodes } = await addPasskey(name, await createPasskey(publicKey));
      toast(<span>{t('security.passkeyAdded')}</span>);
      onDone(recoveryCodes);
    });
  };
  return (
    <StepForm submit={t('security.continue')} {...step} onSubmit={submit} onCancel={onCancel}>
      <p>{t('security.passkeyAddBody')}</p>
      <NameField
        value={name}
        problem={problem}
        onChange={(typed) => {
          setName(typed);
          setProblem(undefined);
        }}
      />
      <OwnPassword me={me} password={password} />
    </StepForm>
  );
}

type Of = { passkey: Passkey; onDone: () => void; onCancel: () => void };

function Rename({ passkey, onDone, onCancel }: Of) {
  const t = useT();
  const { run, ...step } = useStep();
  const [name, setName] = useState(passkey.name);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const submit = () => {
    void run(async () => {
      await renamePasskey(passkey.id, name);
      toast(<span>{t('security.passkeyRenamed')}</span>);
      onDone();
    });
  };
  return (
    <StepForm submit={t('action.save')} {...step} onSubmit={submit} onCancel={onCancel}>
      <NameField ref={input} value={name} onChange={setName} />
    </StepForm>
  );
}

function Remove({ me, passkey, isLast, onDone, onCancel }: Of & { me: User; isLast: boolean }) {
  const t = useT();
  const password = usePassword();
  const { run, ...step } = useStep(password);
  const submit = () => {
    if (!password.check()) return;
    void run(async () => {
      await removePasskey(passkey.id, password.text);
      toast(<span>{t('security.passkeyRemoved')}</span>);
      onDone();
    });
  };
  return (
    <StepForm
      submit={t('security.remove')}
      look="danger"
      {...step}
      onSubmit={submit}
      onCancel={onCancel}
    >
      <p>{t('security.removeBody')}</p>
      {isLast && <Notice tone="warn">{t('security.removeLast')}</Notice>}
      <OwnPassword me={me} password={password} />
    </StepForm>
  );
}

function Row({
  me,
  passkey,
  isLast,
  onChanged,
}: {
  me: User;
  passkey: Passkey;
  isLast: boolean;
  onChanged: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const [doing, setDoing] = useState<'nothing' | 'rename' | 'remove'>('nothing');
  const stop = () => setDoing('nothing');
  const done = () => {
    stop();
    onChanged();
  };
  const used = passkey.lastUsedAt
    ? t('security.passkeyUsed', { ago: ago(passkey.lastUsedAt, locale) })
    : t('security.passkeyUnused');
  const where = t(passkey.backedUp ? 'security.passkeySynced' : 'security.passkeyOneDevice');
  return (
    <li className="stack-s">
      <div className="item session">
        <span className="avatar" aria-hidden="true">
          <KeyRound size={20} />
        </span>
        <div className="grow">
          <p className="item-title" dir="auto">
            {passkey.name}
          </p>
          <p className="item-sub">
            {[
              t('security.passkeyCreated', { date: date(passkey.createdAt, locale) }),
              used,
              where,
            ].join(' · ')}
          </p>
        </div>
      </div>
      {passkey.copiedAt && <Notice tone="danger">{t('security.passkeyCopied')}</Notice>}
      {doing === 'rename' && <Rename passkey={passkey} onDone={done} onCancel={stop} />}
      {doing === 'remove' && (
        <Remove me={me} passkey={passkey} isLast={isLast} onDone={done} onCancel={stop} />
      )}
      {doing === 'nothing' && (
        <div className="row-wrap">
          <Button
            small
            aria-label={t('security.renameOf', { name: passkey.name })}
            onClick={() => setDoing('rename')}
          >
            {t('security.rename')}
          </Button>
          <Button
            small
            look="danger"
            aria-label={t('security.removeOf', { name: passkey.name })}
            onClick={() => setDoing('remove')}
          >
            {t('security.remove')}
          </Button>
        </div>
      )}
    </li>
  );
}

/** What there is, and one more. */
export function PasskeyCard({
  me,
  factors,
  onChanged,
}: {
  me: User;
  factors: Factors;
  onChanged: Changed;
}) {
  const t = useT();
  const [adding, setAdding] = useState(false);
  const { passkeys } = factors;
  return (
    <section className="card stack no-print" aria-labelledby="passkeys">
      <h2 id="passkeys">{t('security.passkeys')}</h2>
      <p>{t(passkeys.length > 0 ? 'security.passkeysOn' : 'security.passkeysNone')}</p>
      {passkeys.length > 0 && (
        <ul className="list passkeys">
          {passkeys.map((passkey) => (
            <Row
              key={passkey.id}
              me={me}
              passkey={passkey}
              isLast={passkeys.length === 1 && !factors.totp}
              onChanged={() => onChanged(null)}
            />
          ))}
        </ul>
      )}
      {adding ? (
        <Add
          me={me}
          onDone={(codes) => {
            setAdding(false);
            onChanged(codes);
          }}
          onCancel={() => setAdding(false)}
        />
      ) : hasPasskeys() ? (
        <div className="row-wrap">
          <Button look={passkeys.length > 0 ? 'plain' : 'primary'} onClick={() => setAdding(true)}>
            {t('security.passkeyAdd')}
          </Button>
        </div>
      ) : (
        <p className="muted">{t('error.passkey_unsupported')}</p>
      )}
    </section>
  );
}
