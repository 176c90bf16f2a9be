import { useEffect, useState, type DragEvent } from 'react';
import { CircleAlert, CircleCheck, FileCheck2, ShieldX } from 'lucide-react';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { useLinkToken } from '../lib/linkToken';
import { readPicture } from '../pay/scan';
import { Gate } from '../pages/Gate';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { FileButton } from '../ui/FileButton';
import { Failure, Notice } from '../ui/Notice';
import { Row } from '../ui/Rows';
import { receiptKeys } from './keys';
import {
  findIn,
  findInText,
  verify,
  type PaymentFacts,
  type ReceiptFacts,
  type Shown,
  type StatementFacts,
  type Verdict,
} from './proof';
import { saidByKeys, type SignedBy } from './proposal';
import '../styles/proof.css';

const kFileMax_bytes = 16 * 1024 * 1024;
const kTextMax = 20_000;

type Outcome = Verdict | { verdict: 'noKeys' | 'unreadable' };

const Plain = ({ children }: { children: string }) => <bdi dir="ltr">{children}</bdi>;

function StatementRows({ facts }: { facts: StatementFacts }) {
  const t = useT();
  const locale = useLocale();
  return (
    <dl className="rows">
      <Row name={t('proof.holder')}>
        <bdi>{facts.holder}</bdi>
      </Row>
      <Row name={t('proof.period')}>
        <Plain>{`${facts.start} – ${facts.end}`}</Plain>
      </Row>
      <Row name={t('proof.zone')}>
        <Plain>{facts.tz}</Plain>
      </Row>
      <Row name={t('proof.opening')}>
        <Plain>{`${facts.opening} ${facts.currency}`}</Plain>
      </Row>
      <Row name={t('proof.closing')}>
        <Plain>{`${facts.closing} ${facts.currency}`}</Plain>
      </Row>
      <Row name={t('proof.entries')}>{facts.entries.toLocaleString(locale)}</Row>
      <Row name={t('proof.made')}>{dateTime(new Date(facts.iat * 1000).toISOString(), locale)}</Row>
    </dl>
  );
}

function ReceiptRows({ facts }: { facts: ReceiptFacts }) {
  const t = useT();
  const locale = useLocale();
  return (
    <dl className="rows">
      <Row name={t('proof.amount')}>
        <Plain>{`${facts.amount} ${facts.currency}`}</Plain>
      </Row>
      <Row name={t('proof.paidAt')}>{dateTime(facts.createdAt, locale)}</Row>
      {facts.note && (
        <Row name={t('proof.note')}>
          <bdi>{facts.note}</bdi>
        </Row>
      )}
      <Row name={t('proof.payment')} className="mono">
        <Plain>{facts.id}</Plain>
      </Row>
      <Row name={t('proof.sender')} className="mono">
        <Plain>{facts.senderId}</Plain>
      </Row>
      <Row name={t('proof.receiver')} className="mono">
        <Plain>{facts.receiverId}</Plain>
      </Row>
      {facts.approval && (
        <Row name={t('proof.approved')}>
          {facts.approval.state === 'signed' ? (
            <>
              {t('proof.approvedBody')} <Plain>{facts.approval.origin}</Plain>
            </>
          ) : (
            t('proof.approvedUnchecked')
          )}
        </Row>
      )}
      {facts.signedBy?.map((signature) => (
        <Row key={signature.decision} name={t(`proof.signed_${signature.decision}`)}>
          {signature.state === 'signed' ? (
            <>
              {t('proof.signedBody')} <Plain>{signature.origin}</Plain>
            </>
          ) : (
            t('proof.approvedUnchecked')
          )}
        </Row>
      ))}
    </dl>
  );
}

function PaymentRows({ facts }: { facts: PaymentFacts }) {
  const t = useT();
  const locale = useLocale();
  return (
    <dl className="rows">
      <Row name={t('proof.amount')}>
        <Plain>{`${facts.amount} ${facts.currency}`}</Plain>
      </Row>
      <Row name={t('proof.sender')}>
        <bdi>{facts.payer}</bdi>
      </Row>
      <Row name={t('proof.receiver')}>
        <bdi>{facts.payee}</bdi>
      </Row>
      <Row name={t('proof.paidAt')}>{dateTime(facts.createdAt, locale)}</Row>
      <Row name={t('proof.payment')} className="mono">
        <Plain>{facts.id}</Plain>
      </Row>
    </dl>
  );
}

function Keys({ signedBy }: { signedBy: SignedBy[] }) {
  const t = useT();
  const { approved, count } = saidByKeys(signedBy);
  if (count === 0) return null;
  return <p>{t(approved ? 'proof.approvedKeys' : 'proof.signedKeys', { count })}</p>;
}

function Result({ outcome }: { outcome: Outcome }) {
  const t = useT();
  if (outcome.verdict === 'nothing' || outcome.verdict === 'unreadable')
    return <Failure icon={CircleAlert}>{t(`proof.${outcome.verdict}`)}</Failure>;
  if (outcome.verdict !== 'genuine')
    return <Failure icon={ShieldX}>{t(`proof.${outcome.verdict}`)}</Failure>;
  if ('receipt' in outcome)
    return (
      <>
        <Notice tone="ok" icon={CircleCheck}>
          {t('proof.genuineReceipt')}
        </Notice>
        {outcome.receipt.signedBy && <Keys signedBy={outcome.receipt.signedBy} />}
        <ReceiptRows facts={outcome.receipt} />
      </>
    );
  if ('payment' in outcome)
    return (
      <>
        <Notice tone="ok" icon={CircleCheck}>
          {t('proof.genuineReceipt')}
        </Notice>
        <PaymentRows facts={outcome.payment} />
        <p className="small muted">{t('proof.compare')}</p>
      </>
    );
  return (
    <>
      {outcome.lines === false ? (
        <Failure icon={ShieldX}>{t('proof.linesChanged')}</Failure>
      ) : (
        <Notice tone="ok" icon={CircleCheck}>
          {t(outcome.lines ? 'proof.genuineFile' : 'proof.genuineStatement')}
        </Notice>
      )}
      <StatementRows facts={outcome.statement} />
      <p className="small muted">{t('proof.compare')}</p>
    </>
  );
}

async function shownBy(file: File): Promise<Shown> {
  if (file.type.startsWith('image/')) return findInText((await readPicture(file)) ?? '');
  return findIn(new Uint8Array(await file.arrayBuffer()));
}

async function judge(show: () => Promise<Shown>): Promise<Outcome> {
  const shown = await show().catch(() => null);
  if (shown === null) return { verdict: 'unreadable' };
  if (shown.token === null) return { verdict: 'nothing' };
  const keys = await receiptKeys().catch(() => null);
  return keys === null ? { verdict: 'noKeys' } : verify(shown, keys);
}

/** Whether a receipt or a statement is this platform's: for anybody, signed in or not. */
export default function VerifyPage() {
  const t = useT();
  const linked = useLinkToken();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const look = async (show: () => Promise<Shown>) => {
    setBusy(true);
    setOutcome(null);
    setOutcome(await judge(show));
    setBusy(false);
  };
  const lookAt = (file: File) =>
    void look(() =>
      file.size > kFileMax_bytes ? Promise.reject(new Error('too large')) : shownBy(file),
    );
  useEffect(() => {
    let gone = false;
    if (linked)
      void judge(() => Promise.resolve(findInText(linked))).then((found) => {
        if (!gone) setOutcome(found);
      });
    return () => {
      gone = true;
    };
  }, [linked]);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) lookAt(file);
  };

  return (
    <Gate title={t('proof.title')}>
      <div aria-live="polite" className="stack-s">
        {outcome && <Result outcome={outcome} />}
      </div>
      <div
        className={over ? 'proof-drop proof-over' : 'proof-drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p className="muted center">{t('proof.body')}</p>
        <FileButton
          look="primary"
          block
          busy={busy}
          accept=".pdf,.jws,.jwt,.json,.txt,application/pdf,application/json,image/*"
          onFile={lookAt}
        >
          {!busy && <FileCheck2 size={18} aria-hidden="true" />}
          {t('proof.choose')}
        </FileButton>
      </div>
      <form
        className="stack-s"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void look(() => Promise.resolve(findInText(text)));
        }}
      >
        <TextField
          label={t('proof.paste')}
          value={text}
          dir="ltr"
          autoComplete="off"
          spellCheck={false}
          maxLength={kTextMax}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" block look="outline">
          {t('proof.check')}
        </Button>
      </form>
      <p className="small muted">{t('proof.how')}</p>
    </Gate>
  );
}
