import { useEffect, useRef, useState } from 'react';
import { CircleAlert, CircleCheck, Download, FileSpreadsheet, SendHorizontal } from 'lucide-react';
import { payBatch, type BatchAnswer } from '../api/endpoints';
import { ApiError } from '../api/error';
import type { PublicUser, User } from '../api/types';
import { kMeKey } from '../app/me';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { csvCell } from '../lib/csv';
import { csvFile, download } from '../lib/download';
import { explain, explainField } from '../lib/explain';
import { localDay } from '../lib/feed';
import { currency } from '../money/currency';
import { formatMoney, toWire } from '../money/money';
import { Button, ButtonLink } from '../ui/Button';
import { TextField } from '../ui/Field';
import { FileButton } from '../ui/FileButton';
import { Money } from '../ui/Money';
import { Failure, Notice } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { TableScroll } from '../ui/TableScroll';
import { useAmounts } from '../ui/useAmounts';
import { kLinesMax, kTemplate, payrollKey, readLines, type Line } from './lines';
import { nameOf, resolve } from './resolve';
import { kFileMax_bytes } from './table';
import '../styles/payroll.css';

type Row = Line & { person: PublicUser | null; said: string | null };
type Stage =
  | { at: 'start'; problem: string | null }
  | { at: 'reading'; done: number; of: number }
  | { at: 'preview'; rows: Row[]; failure: string | null; unknown: boolean }
  | { at: 'paying'; rows: Row[] }
  | { at: 'done'; rows: Row[]; answer: BatchAnswer };

/** Names a line of a refused batch: `transfers[3]`, `transfers[3].amount`. */
const kItem = /^transfers\[(\d+)\]/;

function Preview({ rows, done }: { rows: Row[]; done: BatchAnswer | null }) {
  const t = useT();
  const { code } = currency();
  return (
    <TableScroll className="card card-flush" label={t('payroll.lines')}>
      <table className="payroll-table">
        <thead>
          <tr>
            <th scope="col" className="num">
              {t('payroll.row')}
            </th>
            <th scope="col">{t('receipt.to')}</th>
            <th scope="col">{t('receipt.note')}</th>
            <th scope="col" className="num">
              {t('receipt.amount')}
            </th>
            <th scope="col">{t('receipt.status')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.row} className={row.said ? 'bad' : undefined}>
              <td className="num muted">{row.row}</td>
              <th scope="row">
                <bdi>{row.person?.displayName ?? row.payee}</bdi>
                {row.person && (
                  <>
                    {' '}
                    <bdi className="muted" dir="ltr">
                      @{row.person.username}
                    </bdi>
                  </>
                )}
              </th>
              <td className="note-cell truncate" dir="auto">
                {row.note}
              </td>
              <td className="num">
                {row.amount !== null && <Money amount={row.amount} currency={code} bare />}
              </td>
              <td>
                {row.said ? (
                  <span className="field-error">
                    <CircleAlert size={16} aria-hidden="true" />
                    <span>{row.said}</span>
                  </span>
                ) : (
                  t(done ? 'payroll.paid' : 'payroll.ready')
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** Pays everybody in a file, all or none; the same file pays once in a period. */
export default function PayrollPage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const reading = useRef<AbortController>(null);
  const [period, setPeriod] = useState(() => localDay(new Date()).slice(0, 7));
  const [stage, setStage] = useState<Stage>({ at: 'start', problem: null });
  useEffect(() => () => reading.current?.abort(), []);

  const sayLine = (line: Line, person: PublicUser | null): string | null => {
    if (line.problem === 'payee') return t('send.payeeFormat');
    if (line.problem === 'note') return t('fieldError.too_long');
    if (line.problem === 'ambiguous') return t('fieldError.invalid_format');
    if (line.problem) return amounts.problem({ ok: false, error: line.problem }) ?? null;
    if (!person) return t('send.payeeUnknown', { name: line.payee });
    return person.id === me.id ? t('error.self_transfer') : null;
  };

  const open = async (chosen: File) => {
    if (chosen.size > kFileMax_bytes)
      return setStage({ at: 'start', problem: t('payroll.error_tooMany', { count: kLinesMax }) });
    const read = readLines(await chosen.text(), currency());
    if ('error' in read)
      return setStage({
        at: 'start',
        problem: t(`payroll.error_${read.error}`, { count: kLinesMax, line: read.line ?? 1 }),
      });
    const queries = read.lines.flatMap(({ query }) => query ?? []);
    const { signal } = (reading.current = new AbortController());
    setStage({ at: 'reading', done: 0, of: queries.length });
    try {
      const people = await resolve(
        queries,
        (done, of) => setStage({ at: 'reading', done, of }),
        signal,
      );
      // Of a page that is left already, only some were found.
      if (signal.aborted) return;
      const rows = read.lines.map((line) => {
        const person = (line.query && people.get(nameOf(line.query))) ?? null;
        return { ...line, person, said: sayLine(line, person) };
      });
      setStage({ at: 'preview', rows, failure: null, unknown: false });
    } catch (error) {
      setStage({ at: 'start', problem: explain(error, { t, locale }) });
    }
  };

  const pay = async (rows: Row[]) => {
    const lines = rows.flatMap(({ person, amount, note }) =>
      person && amount !== null ? [{ payeeId: person.id, amount: toWire(amount), note }] : [],
    );
    setStage({ at: 'paying', rows });
    try {
      const answer = await payBatch(lines, await payrollKey(period, lines));
      setStage({ at: 'done', rows, answer });
      for (const queryKey of [kMeKey, ['history'], ['people'], ['limits'], ['report']])
        void queryClient.invalidateQueries({ queryKey });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const refused = new Map(
        error.fields.flatMap(({ field, code }) => {
          const item = kItem.exec(field)?.[1];
          return item === undefined ? [] : [[Number(item), code] as const];
        }),
      );
      const said = rows.map((row, index) => {
        const code = refused.get(index);
        const payee = row.person?.displayName ?? row.payee;
        if (!code) return row;
        const said =
          error.code === 'validation_failed'
            ? explainField(code, t)
            : explain(new ApiError(code, 422), { t, locale, payee });
        return { ...row, said };
      });
      const unknown = error.status === 0 || error.status >= 500 || error.code === 'unreadable';
      const failure = unknown ? t('payroll.unknown') : explain(error, { t, locale });
      setStage({ at: 'preview', rows: said, failure, unknown });
    }
  };

  const rows = 'rows' in stage ? stage.rows : [];
  const bad = rows.filter(({ said }) => said).length;
  const total = rows.reduce((sum, { amount }) => sum + (amount ?? 0n), 0n);
  const after = me.balance - total;
  // What may have been paid already is asked for again, whatever the balance is by now.
  const short = after < 0n && stage.at === 'preview' && !stage.unknown ? -after : null;
  const saveResult = (answer: BatchAnswer) => {
    const text = [
      ['payee', 'name', 'amount', 'note', 'status', 'id'],
      ...answer.results.map((result, index) => {
        const row = rows[index];
        return [
          csvCell(row?.payee),
          csvCell(row?.person?.displayName),
          row?.amount === null || row?.amount === undefined ? '' : toWire(row.amount),
          csvCell(row?.note),
          result.status,
          result.status === 'completed' ? result.transaction.id : '',
        ];
      }),
    ];
    const csv = text.map((cells) => `${cells.join(',')}\r\n`).join('');
    download(csvFile(csv), `instapay-payroll-${period || 'result'}.csv`);
  };

  return (
    <div className="stack payroll">
      <PageTitle>{t('payroll.title')}</PageTitle>
      {(stage.at === 'start' || stage.at === 'reading') && (
        <section className="card stack" aria-label={t('payroll.file')}>
          <p className="muted">{t('payroll.intro', { count: kLinesMax })}</p>
          <div className="row-wrap">
            <FileButton
              accept=".csv,text/csv"
              look="primary"
              busy={stage.at === 'reading'}
              onFile={(file) => void open(file)}
            >
              <FileSpreadsheet size={18} aria-hidden="true" />
              {t('payroll.choose')}
            </FileButton>
            <Button onClick={() => download(csvFile(kTemplate), 'instapay-payroll.csv')}>
              <Download size={18} aria-hidden="true" />
              {t('payroll.template')}
            </Button>
          </div>
          <div role="status">
            {stage.at === 'reading' &&
              t('payroll.reading', { done: stage.done, of: Math.max(stage.of, stage.done) })}
          </div>
          <Failure>{stage.at === 'start' && stage.problem}</Failure>
        </section>
      )}
      {rows.length > 0 && (
        <>
          <dl className="tiles">
            <div className="card tile">
              <dt>{t('payroll.total')}</dt>
              <dd>
                <Money amount={total} currency={me.currency} />
              </dd>
              <dd className="muted small">{t('insights.count', { count: rows.length })}</dd>
            </div>
            {stage.at !== 'done' && (
              <div className="card tile">
                <dt>{t('send.after')}</dt>
                <dd>{after >= 0n && <Money amount={after} currency={me.currency} />}</dd>
                {short && (
                  <dd className="field-error">
                    {t('error.insufficient_funds_by', {
                      missing: formatMoney(short, me.currency, locale),
                    })}
                  </dd>
                )}
              </div>
            )}
          </dl>
          <div role="alert" className="stack-s">
            {stage.at === 'preview' && bad > 0 && (
              <Notice tone="danger">{t('payroll.bad', { count: bad })}</Notice>
            )}
            {stage.at === 'preview' && stage.failure && (
              <Notice tone={stage.unknown ? 'warn' : 'danger'}>{stage.failure}</Notice>
            )}
            {stage.at === 'done' && (
              <Notice tone="ok" icon={CircleCheck}>
                {t(stage.answer.replayed ? 'payroll.already' : 'payroll.done', {
                  count: stage.answer.completed,
                  // Digits and dashes would turn round in a line of Arabic.
                  period: `\u2066${period}\u2069`,
                })}
              </Notice>
            )}
          </div>
          {stage.at !== 'done' && (
            <TextField
              label={t('payroll.period')}
              hint={t('payroll.periodHint')}
              value={period}
              maxLength={40}
              dir="auto"
              autoComplete="off"
              disabled={stage.at === 'paying'}
              onChange={(event) => setPeriod(event.target.value)}
            />
          )}
          <div className="row-wrap">
            {stage.at === 'done' ? (
              <>
                <Button look="primary" onClick={() => saveResult(stage.answer)}>
                  <Download size={18} aria-hidden="true" />
                  {t('payroll.result')}
                </Button>
                <ButtonLink href="/">{t('action.done')}</ButtonLink>
              </>
            ) : (
              <Button
                look="primary"
                busy={stage.at === 'paying'}
                disabled={bad > 0 || short !== null}
                onClick={() => void pay(rows)}
              >
                {stage.at !== 'paying' && (
                  <SendHorizontal size={18} aria-hidden="true" className="flip" />
                )}
                {t('payroll.pay', { count: rows.length })}
              </Button>
            )}
            {stage.at !== 'paying' && (
              <Button onClick={() => setStage({ at: 'start', problem: null })}>
                {t('payroll.another')}
              </Button>
            )}
          </div>
          <Preview rows={rows} done={stage.at === 'done' ? stage.answer : null} />
        </>
      )}
    </div>
  );
}
