import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import {
  CalendarClock,
  ChevronRight,
  FileSignature,
  FileSpreadsheet,
  Lock,
  Search,
  UserRoundSearch,
} from 'lucide-react';
import { Link } from 'wouter';
import { findPayee } from '../../api/endpoints';
import { isStatus } from '../../api/error';
import type { PublicUser, User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import { tab } from '../../lib/store';
import { payeeQuery } from '../../pay/link';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { FieldError } from '../../ui/Field';
import { PersonTitle } from '../../ui/Person';
import { ListSkeleton } from '../../ui/States';
import { usePeople } from '../history';
import type { SendDraft } from './draft';
import { PayeeWarnings } from './PayeeWarnings';
import { StepHead } from './StepHead';
import { plainText } from '../../lib/text';

const kTyped = 'instapay.draft.payee';

type Props = {
  me: User;
  draft: SendDraft;
  save: (change: Partial<SendDraft>) => void;
  initial: string;
  onDone: () => void;
};

export function PayeeStep({ me, save, initial, onDone }: Props) {
  const t = useT();
  const locale = useLocale();
  const people = usePeople(me.id);
  // The id of a link is nothing to show.
  const [text, setText] = useState(() =>
    payeeQuery(initial)?.by === 'id' ? '' : initial || (tab.read(kTyped) ?? ''),
  );
  const [asked, setAsked] = useState(initial);
  const [invalid, setInvalid] = useState<string | null>(null);
  const confirm = useRef<HTMLButtonElement>(null);
  const query = payeeQuery(asked);
  // A link names the payee: looked up at once, still to be confirmed by the person who pays.
  const lookup = useQuery({
    queryKey: ['payee', query],
    queryFn: () => findPayee(query ?? { by: 'username', value: '' }),
    enabled: query !== null,
    staleTime: 0,
  });
  const found = query && lookup.data && lookup.data.id !== me.id ? lookup.data : null;
  const problem =
    invalid ??
    (query && lookup.data?.id === me.id
      ? t('error.self_transfer')
      : query && lookup.isError && !lookup.isFetching
        ? isStatus(lookup.error, 404, 422)
          ? query.by === 'id'
            ? t('send.linkUnknown')
            : t('send.payeeUnknown', { name: query.value })
          : explain(lookup.error, { t, locale })
        : null);

  useEffect(() => {
    tab.write(kTyped, text);
  }, [text]);
  useEffect(() => confirm.current?.focus(), [found?.id]);

  const choose = ({ id, username, displayName }: PublicUser) => {
    tab.write(kTyped, null);
    save({ payee: { id, username, displayName }, intent: null, done: null });
    onDone();
  };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!payeeQuery(text))
      return setInvalid(t(plainText(text) ? 'send.payeeFormat' : 'send.payeeRequired'));
    setInvalid(null);
    if (asked === text) void lookup.refetch();
    else setAsked(text);
  };
  const needle = plainText(text).toLowerCase().replace(/^@/, '');
  const shown = (people.data ?? []).filter(
    ({ username, displayName }) =>
      !needle || username.includes(needle) || displayName.toLowerCase().includes(needle),
  );

  return (
    <div className="stack-l">
      <StepHead title={t('send.whoTitle')} step={1} back="/" />
      <form className="stack" onSubmit={submit} noValidate role="search">
        <div className="field">
          <label htmlFor="payee">{t('send.payeeLabel')}</label>
          <div className="payee-search">
            <div className="input-wrap grow">
              <Search size={18} aria-hidden="true" className="lead" />
              <input
                id="payee"
                className="input"
                value={text}
                dir="ltr"
                inputMode="email"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                placeholder={t('send.payeePlaceholder')}
                aria-invalid={problem ? true : undefined}
                aria-describedby={problem ? 'payee-error' : undefined}
                onChange={(event) => {
                  setText(event.target.value);
                  setAsked('');
                  setInvalid(null);
                }}
              />
            </div>
            <Button type="submit" look={found ? 'plain' : 'primary'} busy={lookup.isFetching}>
              {t('send.find')}
            </Button>
          </div>
          <div role="alert">{problem && <FieldError id="payee-error">{problem}</FieldError>}</div>
        </div>
      </form>

      <div role="status">
        {found && (
          <section className="card stack center rise payee-card" aria-label={t('send.isThis')}>
            <Avatar name={found.displayName} seed={found.id} size="l" />
            <div>
              <p className="muted small">{t('send.isThis')}</p>
              <h2 className="payee-name">
                <bdi>{found.displayName}</bdi>
              </h2>
              <p className="muted" dir="ltr">
                @{found.username}
              </p>
            </div>
            <PayeeWarnings payee={found} />
            <button
              ref={confirm}
              type="button"
              className="btn btn-primary btn-block"
              onClick={() => choose(found)}
            >
              {t('send.yesContinue')}
            </button>
          </section>
        )}
      </div>

      {(people.isPending || shown.length > 0) && (
        <section aria-labelledby="recent-people">
          <div className="section-head">
            <h2 id="recent-people">{t('send.recent')}</h2>
          </div>
          <div className="card card-flush">
            {people.isPending ? (
              <ListSkeleton rows={3} />
            ) : (
              <ul className="list">
                {shown.map((person) => (
                  <li key={person.id}>
                    <button type="button" className="item" onClick={() => choose(person)}>
                      <Avatar name={person.displayName} seed={person.id} />
                      <span className="grow truncate">
                        <PersonTitle person={person} />
                      </span>
                      <ChevronRight size={18} aria-hidden="true" className="flip muted" />
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </div>
        </section>
      )}
      {people.data?.length === 0 && !found && (
        <p className="muted center small hint-people">
          <UserRoundSearch size={18} aria-hidden="true" /> {t('send.noRecent')}
        </p>
      )}
      <Link href="/schedules" className="btn btn-quiet">
        <CalendarClock size={18} aria-hidden="true" />
        {t('schedules.title')}
      </Link>
      <Link href="/mandates" className="btn btn-quiet">
        <FileSignature size={18} aria-hidden="true" />
        {t('nav.mandates')}
      </Link>
      <Link href="/holds" className="btn btn-quiet">
        <Lock size={18} aria-hidden="true" />
        {t('nav.holds')}
      </Link>
      <Link href="/payroll" className="btn btn-quiet">
        <FileSpreadsheet size={18} aria-hidden="true" />
        {t('payroll.open')}
      </Link>
    </div>
  );
}
