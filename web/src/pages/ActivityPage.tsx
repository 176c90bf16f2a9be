import { useEffect, useRef, useState } from 'react';
import { Download, FileText, ListFilter, Search, SearchX, X } from 'lucide-react';
import { useLocation } from 'wouter';
import type { HistoryFilter } from '../api/endpoints';
import type { Direction, User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { historyToCsv } from '../lib/csv';
import { dayEnd, dayName, dayStart } from '../lib/dates';
import { csvFile, download } from '../lib/download';
import { explain } from '../lib/explain';
import { flatten, groupByDay } from '../lib/feed';
import { searchWords, useSearchBox } from '../lib/useSearchBox';
import { useRawSearch } from '../lib/search';
import { AmountFilter, filterAmount } from '../ui/AmountFilter';
import { Button, ButtonLink } from '../ui/Button';
import { TextField } from '../ui/Field';
import { EntryRow } from '../ui/EntryRow';
import { PageTitle } from '../ui/Page';
import { Segments } from '../ui/Segments';
import { Empty, Failed, ListSkeleton } from '../ui/States';
import { toast } from '../ui/toast';
import { kMostOfAll, readAll, useHistory } from './history';
import '../styles/activity.css';

// The filter lives in the address: a reload, Back and a shared link show the same list.
const kNames = ['q', 'with', 'direction', 'from', 'to', 'min', 'max'] as const;
type Filters = Record<(typeof kNames)[number], string>;

function readFilters(search: string): Filters {
  const params = new URLSearchParams(search);
  return Object.fromEntries(kNames.map((name) => [name, params.get(name) ?? ''])) as Filters;
}

/** Whose entries alone are shown, until that is taken away. */
function WithPerson({ found, onRemove }: { found: string | undefined; onRemove: () => void }) {
  const t = useT();
  // Their entries tell the name; of an empty list and of the next one on its way it is remembered.
  const [name, setName] = useState(found);
  if (found !== undefined && found !== name) setName(found);
  return (
    <p className="chip">
      <span className="truncate" dir="auto">
        {name ?? t('activity.onePerson')}
      </span>
      <button
        type="button"
        className="btn btn-icon"
        aria-label={t('activity.removePerson')}
        onClick={onRemove}
      >
        <X size={16} aria-hidden="true" />
      </button>
    </p>
  );
}

export default function ActivityPage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const search = useRawSearch();
  const [, navigate] = useLocation();
  const filters = readFilters(search);
  const [open, setOpen] = useState(
    () => filters.from !== '' || filters.to !== '' || filters.min !== '' || filters.max !== '',
  );
  const [saving, setSaving] = useState(false);
  // What was typed and never counted goes with the rest.
  const [cleared, setCleared] = useState(0);

  const change = (next: Partial<Filters>) => {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filters, ...next }))
      if (value) params.set(name, value);
    const query = params.toString();
    navigate(query ? `/activity?${query}` : '/activity', { replace: true });
  };
  const [text, setText] = useSearchBox(filters.q, (q) => change({ q }));

  const filter: HistoryFilter = {
    q: searchWords(filters.q),
    counterparty: filters.with || undefined,
    direction: (filters.direction || undefined) as Direction | undefined,
    from: dayStart(filters.from),
    to: dayEnd(filters.to),
    minAmount: filterAmount(filters.min),
    maxAmount: filterAmount(filters.max),
  };
  const filtered = Object.values(filter).some(Boolean);
  const history = useHistory(me.id, filter);
  const items = flatten(history.data);

  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = history;
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchNextPageError) return;
    const observer = new IntersectionObserver(
      ([seen]) => seen?.isIntersecting && !isFetchingNextPage && void fetchNextPage(),
      { rootMargin: '600px' },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError, items.length]);

  const saveCsv = async () => {
    setSaving(true);
    try {
      const all = await readAll(me.id, filter);
      download(csvFile(historyToCsv(all)), 'instapay-activity.csv');
      if (all.length === kMostOfAll)
        toast(<span>{t('activity.csvCut', { rows: kMostOfAll })}</span>);
    } catch (error) {
      toast(<span>{explain(error, { t, locale })}</span>);
    } finally {
      setSaving(false);
    }
  };

  return (
    <div className="stack">
      <PageTitle
        aside={
          <div className="row">
            <ButtonLink small href="/statement">
              <FileText size={16} aria-hidden="true" />
              {t('statement.action')}
            </ButtonLink>
            <Button small busy={saving} onClick={() => void saveCsv()}>
              {!saving && <Download size={16} aria-hidden="true" />}
              {t('activity.csv')}
            </Button>
          </div>
        }
      >
        {t('activity.title')}
      </PageTitle>
      <form role="search" className="stack-s filters" onSubmit={(event) => event.preventDefault()}>
        <div className="input-wrap activity-search">
          <Search size={18} aria-hidden="true" className="lead" />
          <input
            className="input"
            type="search"
            value={text}
            dir="auto"
            aria-label={t('activity.search')}
            placeholder={t('activity.search')}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div className="row-wrap between">
          <Segments
            label={t('activity.direction')}
            value={filters.direction}
            options={[
              { value: '', label: t('activity.all') },
              { value: 'in', label: t('activity.in') },
              { value: 'out', label: t('activity.out') },
            ]}
            onChange={(direction) => change({ direction })}
          />
          <Button
            small
            look="outline"
            aria-expanded={open}
            aria-controls="more-filters"
            onClick={() => setOpen(!open)}
          >
            <ListFilter size={16} aria-hidden="true" />
            {t('activity.filters')}
          </Button>
        </div>
        {filters.with && (
          <WithPerson
            key={filters.with}
            found={items[0]?.counterparty?.displayName}
            onRemove={() => change({ with: '' })}
          />
        )}
        <div id="more-filters" hidden={!open} className="filter-grid">
          <TextField
            type="date"
            label={t('activity.from')}
            value={filters.from}
            max={filters.to || undefined}
            onChange={(event) => change({ from: event.target.value })}
          />
          <TextField
            type="date"
            label={t('activity.to')}
            value={filters.to}
            min={filters.from || undefined}
            onChange={(event) => change({ to: event.target.value })}
          />
          <AmountFilter
            key={`min-${cleared}`}
            label={t('activity.min')}
            value={filters.min}
            onChange={(min) => change({ min })}
          />
          <AmountFilter
            key={`max-${cleared}`}
            label={t('activity.max')}
            value={filters.max}
            onChange={(max) => change({ max })}
          />
        </div>
      </form>

      {history.isPending || (items.length === 0 && hasNextPage && !isFetchNextPageError) ? (
        <div className="card card-flush">
          <ListSkeleton rows={8} />
        </div>
      ) : history.isError && items.length === 0 ? (
        <Failed error={history.error} onRetry={() => void history.refetch()} />
      ) : items.length === 0 ? (
        <Empty
          icon={SearchX}
          title={t(filtered ? 'activity.nothing' : 'home.emptyTitle')}
          action={
            filtered && (
              <Button
                onClick={() => {
                  setCleared(cleared + 1);
                  navigate('/activity', { replace: true });
                }}
              >
                {t('activity.clear')}
              </Button>
            )
          }
        >
          {t(filtered ? 'activity.nothingBody' : 'home.emptyBody')}
        </Empty>
      ) : (
        groupByDay(items, (item) => item.createdAt).map(({ day, items: entries }) => (
          <section key={day} aria-label={dayName(day, locale)} className="day">
            <h2 className="day-head">{dayName(day, locale)}</h2>
            <ul className="list card card-flush">
              {entries.map((entry) => (
                <li key={entry.id}>
                  <EntryRow entry={entry} />
                </li>
              ))}
            </ul>
          </section>
        ))
      )}
      <div ref={end} />
      {isFetchingNextPage && items.length > 0 && <ListSkeleton rows={2} />}
      {isFetchNextPageError && items.length > 0 && (
        <Failed error={history.error} onRetry={() => void fetchNextPage()} />
      )}
      {!hasNextPage && items.length > 0 && (
        <p className="muted small center">{t('activity.end')}</p>
      )}
    </div>
  );
}
