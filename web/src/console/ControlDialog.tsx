import { useState, type ReactNode, type SubmitEvent } from 'react';
import { Proposed } from '../api/approvals';
import { eraseUser, updateUser } from '../api/endpoints';
import type { Role, User, UserStatus } from '../api/types';
import { useLocale, useT } from '../i18n';
import { isStatus } from '../api/error';
import { explain } from '../lib/explain';
import { forgetKey, stableKey } from '../lib/stableKey';
import { plainText } from '../lib/text';
import { formatMoney } from '../money/money';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Segments } from '../ui/Segments';
import { toast } from '../ui/toast';
import { sentForApproval } from './sentForApproval';
import { useReason } from './useReason';
import { userChanged } from './userChanged';

type DialogProps = { user: User; onClose: () => void };

/** The Idempotency-Key of what is asked for: one for the same thing until there is an answer. */
type KeyOf = (payload: unknown) => string;

/** Asks before an account is changed, and why. Doing it twice does the same once. */
function ControlDialog({
  user,
  onClose,
  name,
  title,
  confirm,
  danger = false,
  ready = true,
  apply,
  children,
}: DialogProps & {
  name: string;
  title: string;
  confirm: string;
  danger?: boolean;
  ready?: boolean;
  apply: (why: string, keyOf: KeyOf) => Promise<User>;
  children: ReactNode;
}) {
  const t = useT();
  const locale = useLocale();
  const reason = useReason(`${name}.${user.id}.reason`);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const scope = `${name}.${user.id}`;
  const answered = () => {
    reason.forget();
    forgetKey(scope);
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!reason.check() || !ready) return;
    setBusy(true);
    setFailure(null);
    try {
      const changed = await apply(reason.why, (payload) => stableKey(scope, payload));
      answered();
      await userChanged(user.id, changed);
      onClose();
    } catch (error) {
      if (error instanceof Proposed) {
        answered();
        sentForApproval(t);
        return onClose();
      }
      setFailure(explain(error, { t, locale, payee: user.displayName }));
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={title}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        {children}
        <TextField {...reason.field} />
        <Failure>{failure}</Failure>
        <div className="dialog-actions">
          <Button type="submit" look={danger ? 'danger' : 'primary'} busy={busy} disabled={!ready}>
            {confirm}
          </Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export type StatusChange = 'freeze' | 'unfreeze' | 'close' | 'reopen';
const kBecomes: Record<StatusChange, UserStatus> = {
  freeze: 'frozen',
  unfreeze: 'active',
  close: 'closed',
  reopen: 'active',
};

/** The platform's own end of what is paid in and out (api/openapi.yaml, UpdateUserRequest). */
const kSettlement = '00000000-0000-0000-0000-000000000002';
type RestWay = 'paid-out' | 'wallet';

/** Closing a wallet with money in it says where that goes; all of it goes in the same step. */
function CloseDialog(props: DialogProps) {
  const t = useT();
  const locale = useLocale();
  const { user } = props;
  const [way, setWay] = useState<RestWay>('paid-out');
  const [payee, setPayee] = useState('');
  const [problem, setProblem] = useState<string>();
  const holdsMoney = user.balance !== 0n;
  const apply = async (reason: string, keyOf: KeyOf) => {
    const to = way === 'paid-out' ? kSettlement : plainText(payee);
    setProblem(undefined);
    try {
      const change = { status: 'closed' as const, reason, ...(holdsMoney ? { restTo: to } : {}) };
      return await updateUser(user.id, change, keyOf(change));
    } catch (error) {
      if (isStatus(error, 404)) setProblem(t('console.closePayeeUnknown'));
      throw error;
    }
  };
  return (
    <ControlDialog
      {...props}
      name="close"
      title={t('console.closeTitle')}
      confirm={t('console.close')}
      danger
      ready={!holdsMoney || way === 'paid-out' || plainText(payee) !== ''}
      apply={apply}
    >
      <p>{t('console.closeBody', { name: user.displayName })}</p>
      {holdsMoney && (
        <Segments<RestWay>
          label={t('console.closeRest', {
            amount: formatMoney(user.balance, user.currency, locale),
          })}
          value={way}
          options={[
            { value: 'paid-out', label: t('console.closePaidOut') },
            { value: 'wallet', label: t('console.closeToWallet') },
          ]}
          onChange={setWay}
        />
      )}
      {holdsMoney && way === 'wallet' && (
        <TextField
          label={t('console.closePayee')}
          value={payee}
          maxLength={254}
          dir="auto"
          autoComplete="off"
          error={problem}
          onChange={(event) => setPayee(event.target.value)}
        />
      )}
    </ControlDialog>
  );
}

export function StatusDialog({ change, ...props }: DialogProps & { change: StatusChange }) {
  const t = useT();
  const { user } = props;
  if (change === 'close') return <CloseDialog {...props} />;
  return (
    <ControlDialog
      {...props}
      name={change}
      title={t(`console.${change}Title`)}
      confirm={t(`console.${change}`)}
      danger={change === 'freeze'}
      apply={(reason, keyOf) => {
        const changes = { status: kBecomes[change], reason };
        return updateUser(user.id, changes, keyOf(changes));
      }}
    >
      <p>{t(`console.${change}Body`, { name: user.displayName })}</p>
    </ControlDialog>
  );
}

const kRoles: Role[] = ['user', 'auditor', 'support', 'treasury', 'admin', 'operator'];

export function RoleDialog(props: DialogProps) {
  const t = useT();
  const { user } = props;
  const [role, setRole] = useState<Role>(user.role);
  return (
    <ControlDialog
      {...props}
      name="role"
      title={t('console.changeRole')}
      confirm={t('console.changeRole')}
      ready={role !== user.role}
      apply={(reason, keyOf) => updateUser(user.id, { role, reason }, keyOf({ role, reason }))}
    >
      <Segments<Role>
        label={t('console.role')}
        value={role}
        options={kRoles.map((value) => ({ value, label: t(`role.${value}`) }))}
        onChange={setRole}
      />
      <p className="muted small">{t(`role.hint_${role}`)}</p>
    </ControlDialog>
  );
}

function Points({ title, points }: { title: string; points: string[] }) {
  return (
    <div className="stack-s">
      <h2>{title}</h2>
      <ul className="points">
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </div>
  );
}

export function EraseDialog(props: DialogProps) {
  const t = useT();
  const apply = async (reason: string, keyOf: KeyOf) => {
    const erased = await eraseUser(props.user.id, reason, keyOf(reason));
    toast(<span>{t('erase.done')}</span>);
    return erased;
  };
  return (
    <ControlDialog
      {...props}
      name="erase"
      title={t('erase.title')}
      confirm={t('erase.submit')}
      danger
      apply={apply}
    >
      <p>
        <bdi>{props.user.displayName}</bdi> · <bdi>@{props.user.username}</bdi>
      </p>
      <Points
        title={t('erase.goes')}
        points={[t('erase.goesNames'), t('erase.goesAccess'), t('erase.goesNotes')]}
      />
      <Points
        title={t('erase.stays')}
        points={[t('erase.staysEntries'), t('erase.staysProofs'), t('erase.staysLog')]}
      />
      <Notice tone="danger">{t('erase.final')}</Notice>
    </ControlDialog>
  );
}
