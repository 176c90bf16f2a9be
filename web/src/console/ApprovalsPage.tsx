import { useState, type SubmitEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { CheckCheck, KeyRound } from 'lucide-react';
import { useLocation } from 'wouter';
import {
  approveProposal,
  listApprovals,
  refuseProposal,
  withdrawProposal,
  type Approval,
  type ApprovalStatus,
} from '../api/approvals';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { explain } from '../lib/explain';
import { useRawSearch } from '../lib/search';
import { usePages } from '../lib/usePages';
import { currency } from '../money/currency';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { SelectField, TextField } from '../ui/Field';
import { Money } from '../ui/Money';
import { Failure } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { PagedList } from '../ui/PagedList';
import { PasskeyButton } from '../ui/PasskeyButton';
import { Row } from '../ui/Rows';
import { Empty } from '../ui/States';
import { OwnLimit, Person, Turn } from './ActionList';
import { useReason } from './useReason';
import { useSigning } from './useSigning';

const kStatuses: (ApprovalStatus | '')[] = [
  'open',
  'executed',
  'refused',
  'withdrawn',
  'expired',
  '',
];
const kCounted = 100;

/** How many wait, for the navigation. */
export function WaitingCount() {
  const t = useT();
  const { data } = useQuery({
    queryKey: ['approvals', 'count'],
    queryFn: () => listApprovals('open', null, kCounted),
  });
  if (!data || data.data.length === 0) return null;
  const count = `${data.data.length}${data.hasMore ? '+' : ''}`;
  return (
    <>
      {' '}
      <span className="badge" title={t('approvals.waiting', { count: data.data.length })}>
        {count}
      </span>
    </>
  );
}

/** What was so and what will be: just what is done when it is approved. */
function What({ approval }: { approval: Approval }) {
  const t = useT();
  const { change } = approval;
  const { before } = change;
  if (change.amount !== undefined)
    return <Money amount={change.amount} currency={currency().code} sign="always" />;
  if (change.role)
    return (
      <Turn
        name={t('console.role')}
        before={before?.role ? t(`role.${before.role}`) : ''}
        after={t(`role.${change.role}`)}
      />
    );
  if (approval.kind === 'limits')
    return (['perTransfer', 'perDay'] as const).map((part) => (
      <Turn
        key={part}
        name={t(`actions.limit_${part}`)}
        before={<OwnLimit amount={before?.[part] ?? null} />}
        after={<OwnLimit amount={change[part] ?? null} />}
      />
    ));
  if (approval.kind === 'erasure') return <p>{t('erase.title')}</p>;
  return (
    <>
      <Turn
        name={t('receipt.status')}
        before={before?.status ? t(`status.${before.status}`) : ''}
        after={t('status.closed')}
      />
      {before?.balance !== undefined && (
        <p>
          <Money amount={before.balance} currency={currency().code} /> {t('approvals.goesTo')}{' '}
          {approval.beneficiary ? (
            <Person person={approval.beneficiary} />
          ) : (
            t('console.closePaidOut')
          )}
        </p>
      )}
    </>
  );
}

/** Asks once more before it is decided, and why it is refused. */
function Decide({
  approval,
  way,
  onClose,
}: {
  approval: Approval;
  way: 'approve' | 'refuse';
  onClose: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const reason = useReason(`approval.${approval.id}.reason`);
  const sign = useSigning(approval.id);
  const signs = way === 'approve' && approval.status === 'open' && sign !== null;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (way === 'refuse' && !reason.check()) return;
    setBusy(true);
    setFailure(null);
    try {
      await (way === 'approve'
        ? approveProposal(approval.id)
        : refuseProposal(approval.id, reason.why));
      reason.forget();
      await queryClient.invalidateQueries();
      onClose();
    } catch (error) {
      setFailure(explain(error, { t, locale }));
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t(`approvals.${way}Title`)}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <div>
          <Person person={approval.subject} />
          <What approval={approval} />
        </div>
        {way === 'refuse' && <TextField {...reason.field} />}
        {signs && (
          <>
            <PasskeyButton show={() => sign().then(onClose)}>{t('approvals.sign')}</PasskeyButton>
            <p className="muted small">{t('approvals.signBody')}</p>
          </>
        )}
        <Failure>{failure}</Failure>
        <div className="dialog-actions">
          <Button
            type="submit"
            look={signs ? 'plain' : way === 'approve' ? 'primary' : 'danger'}
            busy={busy}
          >
            {t(signs ? 'approvals.approveUnsigned' : `approvals.${way}`)}
          </Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Buttons({ approval }: { approval: Approval }) {
  const t = useT();
  const locale = useLocale();
  const [way, setWay] = useState<'approve' | 'refuse' | null>(null);
  const sign = useSigning(approval.id);
  const own = approval.mayWithdraw && approval.signatures.proposed === null;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const withdraw = async () => {
    setBusy(true);
    try {
      await withdrawProposal(approval.id);
      await queryClient.invalidateQueries({ queryKey: ['approvals'] });
    } catch (error) {
      setFailure(explain(error, { t, locale }));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className="row-wrap">
        {approval.mayDecide && (
          <>
            <Button look="primary" onClick={() => setWay('approve')}>
              {t('approvals.approve')}
            </Button>
            {approval.status === 'open' && (
              <Button look="danger" onClick={() => setWay('refuse')}>
                {t('approvals.refuse')}
              </Button>
            )}
          </>
        )}
        {approval.mayWithdraw && (
          <Button busy={busy} onClick={() => void withdraw()}>
            {t('approvals.withdraw')}
          </Button>
        )}
      </div>
      {own && sign && (
        <PasskeyButton look="plain" show={sign}>
          {t('approvals.signOwn')}
        </PasskeyButton>
      )}
      <Failure>{failure}</Failure>
      {way && <Decide approval={approval} way={way} onClose={() => setWay(null)} />}
    </>
  );
}

/** Beside who did it: their passkey has signed just that. */
function Signed({ hash }: { hash: string | null }) {
  const t = useT();
  if (hash === null) return null;
  return (
    <>
      {' '}
      <span className="badge" title={t('approvals.signedBody')}>
        <KeyRound size={14} aria-hidden="true" /> {t('approvals.signed')}
      </span>
    </>
  );
}

function ApprovalCard({ approval }: { approval: Approval }) {
  const t = useT();
  const locale = useLocale();
  return (
    <div className="stack-s pad">
      <div className="row">
        <h2 className="grow">{t(`approvals.kind_${approval.kind}`)}</h2>
        <span className="badge">{t(`approvals.status_${approval.status}`)}</span>
      </div>
      <dl className="rows">
        <Row name={t('actions.subject')}>
          <Person person={approval.subject} />
        </Row>
        <Row name={t('actions.what')}>
          <What approval={approval} />
        </Row>
        <Row name={t('actions.why')}>
          <bdi>{approval.reason ?? t('actions.noReason')}</bdi>
        </Row>
        <Row name={t('approvals.proposedBy')}>
          <Person person={approval.proposedBy} /> · {dateTime(approval.createdAt, locale)}
          <Signed hash={approval.signatures.proposed} />
        </Row>
        {approval.decidedBy && approval.decidedAt ? (
          <Row name={t('approvals.decidedBy')}>
            <Person person={approval.decidedBy} /> · {dateTime(approval.decidedAt, locale)}
            <Signed hash={approval.signatures.approved} />
          </Row>
        ) : (
          <Row name={t('approvals.expires')}>{dateTime(approval.expiresAt, locale)}</Row>
        )}
        {approval.decisionReason && (
          <Row name={t('approvals.refusedWhy')}>
            <bdi>{approval.decisionReason}</bdi>
          </Row>
        )}
      </dl>
      <Buttons approval={approval} />
    </div>
  );
}

/** Two pairs of eyes: what waits for another one's, and what became of the rest. */
export function ApprovalsPage() {
  const t = useT();
  const [, navigate] = useLocation();
  const asked = new URLSearchParams(useRawSearch()).get('status') ?? 'open';
  const status =
    kStatuses.find((each) => each === asked || (each === '' && asked === 'all')) ?? 'open';
  const pages = usePages(['approvals', status], (cursor) => listApprovals(status, cursor));
  return (
    <div className="stack">
      <PageTitle>{t('approvals.title')}</PageTitle>
      <SelectField
        label={t('receipt.status')}
        value={status}
        onChange={(event) => navigate(`/console/approvals?status=${event.target.value || 'all'}`)}
      >
        {kStatuses.map((value) => (
          <option key={value} value={value}>
            {value === '' ? t('activity.all') : t(`approvals.status_${value}`)}
          </option>
        ))}
      </SelectField>
      <PagedList
        label={t('approvals.title')}
        of={pages}
        empty={<Empty icon={CheckCheck} title={t('approvals.none')} />}
      >
        {(approval) => <ApprovalCard approval={approval} />}
      </PagedList>
    </div>
  );
}
