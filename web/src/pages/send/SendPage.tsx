import { lazy, useEffect, useRef } from 'react';
import { Snowflake } from 'lucide-react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { WayOut } from '../../account/FrozenNotice';
import type { User } from '../../api/types';
import { useT } from '../../i18n';
import { useRawSearch } from '../../lib/search';
import { currency } from '../../money/currency';
import { readPayLink } from '../../pay/link';
import { useProgress } from '../../pay/pay';
import { AmountStep } from './AmountStep';
import { DoneStep } from './DoneStep';
import { PayeeStep } from './PayeeStep';
import { ReviewStep } from './ReviewStep';
import { emptyDraft, useSendDraft } from './draft';
import { StepShown } from './useStepStart';
import { PageTitle } from '../../ui/Page';
import { Empty } from '../../ui/States';
import { useAmounts } from '../../ui/useAmounts';
import '../../styles/send.css';

const LaterStep = lazy(() => import('./LaterStep'));

/** Send: payee, amount, review, done. Each step is an address, so Back and reload do what they say. */
export default function SendPage({ me }: { me: User }) {
  const t = useT();
  const [draft, save] = useSendDraft(me.id);
  const [path, navigate] = useLocation();
  const search = useRawSearch();
  const params = new URLSearchParams(search);
  const link = readPayLink(params, currency());
  const linkText = link && search;
  const amounts = useAmounts();
  const taken = useRef<string | null>(null);

  useEffect(() => {
    // A link or a tap on a person starts a new payment with what it names.
    if (!link || taken.current === linkText) return;
    taken.current = linkText;
    save({
      ...emptyDraft(me.id),
      amount: link.amount === null ? '' : amounts.text(link.amount),
      note: link.note,
    });
  });

  const shown = useRef(false);
  useEffect(() => {
    // After the first step's own effects: it is where the page begins, which the shell announces.
    shown.current = true;
  }, []);

  // Said before anything is filled in; what was sent already is shown as it ends.
  const progress = useProgress(draft.intent?.key);
  const sent = progress && (progress.state === 'sending' || progress.result.outcome !== 'refused');
  const ending = path === '/send/review' ? sent : path === '/send/done' && draft.done;
  if (me.status === 'frozen' && !ending)
    return (
      <div className="send">
        <PageTitle>{t('send.title')}</PageTitle>
        <Empty icon={Snowflake} title={t('error.sender_frozen')} action={<WayOut me={me} />}>
          {t('send.frozenBody')}
        </Empty>
      </div>
    );
  if (link?.amountIsWrong) return <Redirect to={`/pay?${search}`} replace />;
  const step = { me, draft, save };
  return (
    <StepShown value={shown}>
      <div className="send" aria-label={t('send.title')}>
        <Switch>
          <Route path="/send">
            <PayeeStep
              {...step}
              initial={link?.to ?? ''}
              onDone={() => navigate('/send/amount', { replace: link !== null })}
            />
          </Route>
          <Route path="/send/amount">
            {draft.payee ? <AmountStep {...step} /> : <Redirect to="/send" replace />}
          </Route>
          <Route path="/send/review">
            {draft.intent ? (
              <ReviewStep {...step} intent={draft.intent} />
            ) : (
              <Redirect to="/send" replace />
            )}
          </Route>
          <Route path="/send/later">
            {draft.intent ? (
              <LaterStep {...step} intent={draft.intent} />
            ) : (
              <Redirect to="/send" replace />
            )}
          </Route>
          <Route path="/send/done">
            {draft.done ? (
              <DoneStep me={me} payee={draft.payee} paid={draft.done} />
            ) : (
              <Redirect to="/send" replace />
            )}
          </Route>
          <Route>
            <Redirect to="/send" replace />
          </Route>
        </Switch>
      </div>
    </StepShown>
  );
}
