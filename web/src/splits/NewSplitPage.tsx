import { useState, type SubmitEvent } from 'react';
import { UserPlus, X } from 'lucide-react';
import { useLocation } from 'wouter';
import { findPayee } from '../api/endpoints';
import { isCode, isStatus } from '../api/error';
import { createSplit, bodyOf, type NewSplit, type SplitMode } from '../api/splits';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { useRawSearch } from '../lib/search';
import { forgetKey, stableKey } from '../lib/stableKey';
import { kNoteMax, plainText } from '../lib/text';
import { currency } from '../money/currency';
import { formatMoney } from '../money/money';
import { readPayLink, payeeQuery } from '../pay/link';
import { Who } from '../pages/requests/Who';
import { AmountField } from '../ui/AmountField';
import { Avatar } from '../ui/Avatar';
import { BackLink } from '../ui/BackLink';
import { Button } from '../ui/Button';
import { CheckField, TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { SegmentsField } from '../ui/Segments';
import { useAmounts } from '../ui/useAmounts';
import { readParts, type Person, type Read } from './parts';
import { splitChanged } from './queries';
import '../styles/home.css';
import '../styles/send.css';

const kScope = 'split';
const kMostPeople = 50;
const kModes = ['equal', 'shares', 'amounts'] as const;

/** One of those among whom it is split: what is theirs, or the field that says so. */
function PartRow({
  person,
  own,
  mode,
  read,
  onText,
  onRemove,
}: {
  person: Person;
  own: boolean;
  mode: SplitMode;
  read: Read;
  onText: (text: string) => void;
  onRemove: (() => void) | null;
}) {
  const t = useT();
  const locale = useLocale();
  const { unit } = useAmounts();
  const name = own ? t('splits.me') : person.displayName;
  const share = read.shares.get(person.id);
  return (
    <li className="item split-part">
      <Avatar name={person.displayName} seed={person.id} />
      <span className="grow">
        <bdi className="item-title">{name}</bdi>
        {share && (
          <span className="item-sub">
            {formatMoney(share.amount, currency().code, locale)}
            {share.extra && ` · ${t('splits.extra')}`}
          </span>
        )}
      </span>
      {mode !== 'equal' && (
        <TextField
          label={t(mode === 'shares' ? 'splits.sharesOf' : 'splits.amountOf', { name, unit })}
          labelHidden
          value={person.text}
          dir="ltr"
          inputMode={mode === 'shares' ? 'numeric' : 'decimal'}
          autoComplete="off"
          error={read.problems.get(person.id)}
          onChange={(event) => onText(event.target.value)}
        />
      )}
      {onRemove && (
        <Button small look="quiet" aria-label={t('splits.remove', { name })} onClick={onRemove}>
          <X size={18} aria-hidden="true" />
        </Button>
      )}
    </li>
  );
}

/** Adds people one by one, by what names them. */
function AddPerson({
  me,
  people,
  onAdd,
}: {
  me: User;
  people: Person[];
  onAdd: (person: Person) => void;
}) {
  const t = useT();
  const locale = useLocale();
  const [who, setWho] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const add = async () => {
    const query = payeeQuery(who);
    if (!query) {
      setProblem(t(plainText(who) ? 'send.payeeFormat' : 'send.payeeRequired'));
      return;
    }
    setBusy(true);
    try {
      const { id, displayName } = await findPayee(query);
      if (id === me.id) setProblem(t('splits.notYourself'));
      else if (people.some((each) => each.id === id)) setProblem(t('splits.already'));
      else if (people.length === kMostPeople)
        setProblem(t('splits.tooMany', { count: kMostPeople }));
      else {
        onAdd({ id, displayName, text: '' });
        setWho('');
        setProblem(undefined);
      }
    } catch (error) {
      setProblem(
        isStatus(error, 404)
          ? t('send.payeeUnknown', { name: plainText(who) })
          : explain(error, { t, locale }),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack-s">
      <Who
        me={me}
        text={who}
        setText={(text) => {
          setWho(text);
          setProblem(undefined);
        }}
        problem={problem}
      />
      <Button block busy={busy} onClick={() => void add()}>
        <UserPlus size={18} aria-hidden="true" />
        {t('splits.add')}
      </Button>
    </div>
  );
}

/** What the page was opened with: the payment that is split, and its amount. */
function useOpenedWith() {
  const [params] = useState(new URLSearchParams(useRawSearch()));
  const payment = params.get('payment');
  // The amount is written as links write it.
  const amount = payment
    ? readPayLink(
        new URLSearchParams({ to: payment, amount: params.get('amount') ?? '' }),
        currency(),
      )
    : null;
  return { payment, amount: amount?.amount ?? null };
}

export function NewSplitPage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const amounts = useAmounts();
  const { payment, amount } = useOpenedWith();
  const [total, setTotal] = useState(amount === null ? '' : amounts.text(amount));
  const [note, setNote] = useState('');
  const [mode, setMode] = useState<SplitMode>('equal');
  const [includeMe, setIncludeMe] = useState(true);
  const [own, setOwn] = useState<Person>({ id: me.id, displayName: me.displayName, text: '' });
  const [people, setPeople] = useState<Person[]>([]);
  const [tried, setTried] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const everybody = includeMe ? [own, ...people] : people;
  const parsed = amounts.read(total);
  const sum = parsed.ok ? parsed.minor : null;
  const read = readParts({ mode, total: sum, everybody, me: me.id, t, amounts, tried });
  const say = (minor: bigint) => formatMoney(minor, currency().code, locale);

  const split = (): NewSplit | null => {
    if (sum === null || people.length === 0 || !read.parts) return null;
    const { parts } = read;
    return {
      ...{ amount: sum, payment, note: plainText(note), mode },
      people: people.map(({ id }) => ({ to: id, ...parts.get(id) })),
      own: includeMe ? (parts.get(me.id) ?? {}) : null,
    };
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    setProblem(people.length === 0 ? t('splits.nobody') : undefined);
    const asked = split();
    if (!asked) return;
    setBusy(true);
    try {
      const made = await createSplit(asked, stableKey(kScope, bodyOf(asked)));
      forgetKey(kScope);
      splitChanged(made);
      navigate(`/splits/${made.id}`, { replace: true });
    } catch (error) {
      const refused = isCode(error, 'request_not_allowed') ? peopleOf(error.fields, people) : '';
      setProblem(
        refused ? t('splits.notAllowed', { names: refused }) : explain(error, { t, locale }),
      );
    } finally {
      setBusy(false);
    }
  };
  const change = (id: string, text: string) =>
    id === me.id
      ? setOwn({ ...own, text })
      : setPeople(people.map((each) => (each.id === id ? { ...each, text } : each)));

  return (
    <form className="stack-l requests" noValidate onSubmit={(event) => void submit(event)}>
      <div className="row">
        <BackLink from={/^\/(requests|splits|activity\/.*)$/} fallback="/splits" />
        <PageTitle>{t('splits.new')}</PageTitle>
      </div>
      <AmountField
        label={(unit) => t('splits.total', { unit })}
        value={total}
        error={tried ? amounts.problem(parsed) : undefined}
        onText={setTotal}
      />
      <AddPerson me={me} people={people} onAdd={(person) => setPeople([...people, person])} />
      <CheckField
        label={t('splits.includeMe')}
        checked={includeMe}
        onChange={(event) => setIncludeMe(event.target.checked)}
      />
      <SegmentsField
        label={t('splits.how')}
        value={mode}
        options={kModes.map((each) => ({ value: each, label: t(`splits.mode_${each}`) }))}
        onChange={(next) => {
          setMode(next);
          setTried(false);
          setOwn({ ...own, text: '' });
          setPeople(people.map((each) => ({ ...each, text: '' })));
        }}
      />
      {everybody.length > 0 && (
        <ul className="list card card-flush" aria-label={t('splits.people')}>
          {everybody.map((person) => (
            <PartRow
              key={person.id}
              person={person}
              own={person.id === me.id}
              mode={mode}
              read={read}
              onText={(text) => change(person.id, text)}
              onRemove={
                person.id === me.id
                  ? null
                  : () => setPeople(people.filter((each) => each.id !== person.id))
              }
            />
          ))}
        </ul>
      )}
      <div role="status">
        {read.missing !== 0n && (
          <p className="field-error">
            {read.missing > 0n
              ? t('splits.tooLittle', { amount: say(read.missing) })
              : t('splits.tooMuch', { amount: say(-read.missing) })}
          </p>
        )}
        {read.tooSmall && <p className="field-error">{t('splits.tooSmall')}</p>}
      </div>
      <TextField
        label={t('send.note')}
        value={note}
        dir="auto"
        maxLength={kNoteMax}
        autoComplete="off"
        onChange={(event) => setNote(event.target.value)}
      />
      <div className="stack">
        <Button type="submit" look="primary" block busy={busy}>
          {t('splits.submit')}
        </Button>
        <Failure>{problem}</Failure>
      </div>
    </form>
  );
}

/** Who is meant by the fields of a refusal (`people[2].to`). */
function peopleOf(fields: readonly { field: string }[], people: Person[]): string {
  const places = fields.map(({ field }) => Number(/^people\[(\d+)\]/.exec(field)?.[1]));
  return places.flatMap((place) => people[place]?.displayName ?? []).join(', ');
}
