import { useState, type SubmitEvent } from 'react';
import { Download, SearchX } from 'lucide-react';
import { useLocation } from 'wouter';
import { actionsCsv, listActions, type ActionSearch } from '../api/endpoints';
import { isCode } from '../api/error';
import type { ActionKind } from '../api/types';
import { useLocale, useT } from '../i18n';
import { dayEnd, dayStart } from '../lib/dates';
import { csvFile, download } from '../lib/download';
import { explain } from '../lib/explain';
import { flatten } from '../lib/feed';
import { useRawSearch } from '../lib/search';
import { usePages } from '../lib/usePages';
import { searchWords } from '../lib/useSearchBox';
import { plainText } from '../lib/text';
import { Button } from '../ui/Button';
import { SelectField, TextField } from '../ui/Field';
import { More } from '../ui/More';
import { PageTitle } from '../ui/Page';
import { Empty, Failed, ListSkeleton } from '../ui/States';
import { toast } from '../ui/toast';
import { ActionList } from './ActionList';

// The filter lives in the address: a reload, Back and a shared link show the same list.
const kNames = ['actor', 'subject', 'kind', 'from', 'to'] as const;
type Fields = Record<(typeof kNames)[number], string>;
const kKinds: ActionKind[] = ['control', 'adjustment', 'refund'];

/** The operators' log: who did what to whose account, and why. */
export function ActionsPage() {
  const t = useT();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const address = useRawSearch();
  const params = new URLSearchParams(address);
  const applied = Object.fromEntries(kNames.map((n) => [n, params.get(n) ?? ''])) as Fields;
  const [fields, setFields] = useState<Fields>(applied);
  const [seen, setSeen] = useState(address);
  const [orderProblem, setOrderProblem] = useState<string>();
  const [saving, setSaving] = useState(false);
  if (seen !== address) {
    setSeen(address);
    setFields(applied);
    setOrderProblem(undefined);
  }
  const search: ActionSearch = {
    actor: searchWords(applied.actor),
    subject: searchWords(applied.subject),
    kind: kKinds.find((kind) => kind === applied.kind),
    from: dayStart(applied.from),
    to: dayEnd(applied.to),
  };
  const query = usePages(['actions', search], (cursor) => listActions(search, cursor));
  const rows = flatten(query.data);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (fields.from && fields.to && fields.from > fields.to)
      return setOrderProblem(t('actions.order'));
    setOrderProblem(undefined);
    const next = new URLSearchParams();
    for (const name of kNames) {
      const value = plainText(fields[name]);
      if (value) next.set(name, value);
    }
    navigate(`/console/actions${next.size > 0 ? `?${next.toString()}` : ''}`);
  };
  const saveCsv = async () => {
    setSaving(true);
    try {
      download(csvFile((await actionsCsv(search)).blob), 'instapay-actions.csv');
    } catch (error) {
      const tooMany =
        isCode(error, 'validation_failed') && error.fields[0]?.code === 'out_of_range';
      toast(<span>{tooMany ? t('actions.tooMany') : explain(error, { t, locale })}</span>);
    } finally {
      setSaving(false);
    }
  };
  const field = (name: keyof Fields) => ({
    value: fields[name],
    onChange: (event: { target: { value: string } }) =>
      setFields({ ...fields, [name]: event.target.value }),
  });

  return (
    <div className="stack">
      <PageTitle
        aside={
          <Button small busy={saving} onClick={() => void saveCsv()}>
            {!saving && <Download size={16} aria-hidden="true" />}
            {t('activity.csv')}
          </Button>
        }
      >
        {t('actions.title')}
      </PageTitle>
      <form role="search" className="card console-filters" noValidate onSubmit={submit}>
        <TextField
          label={t('actions.actor')}
          placeholder={t('console.searchUserHint')}
          dir="auto"
          maxLength={254}
          {...field('actor')}
        />
        <TextField
          label={t('actions.subject')}
          placeholder={t('console.searchUserHint')}
          dir="auto"
          maxLength={254}
          {...field('subject')}
        />
        <SelectField label={t('receipt.kind')} {...field('kind')}>
          <option value="">{t('activity.all')}</option>
          {kKinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(kind === 'control' ? 'actions.control' : `kind.${kind}`)}
            </option>
          ))}
        </SelectField>
        <TextField type="date" label={t('activity.from')} error={orderProblem} {...field('from')} />
        <TextField type="date" label={t('activity.to')} {...field('to')} />
        <Button type="submit" look="primary" busy={query.isFetching && !query.isFetchingNextPage}>
          {t('console.search')}
        </Button>
      </form>
      {query.isPending ? (
        <div className="card card-flush">
          <ListSkeleton rows={8} />
        </div>
      ) : query.isError && rows.length === 0 ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={SearchX} title={t('activity.nothing')} />
      ) : (
        <div className="card">
          <ActionList actions={rows} />
        </div>
      )}
      <More block of={query} />
    </div>
  );
}
