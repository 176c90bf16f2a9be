import { useState, type SubmitEvent } from 'react';
import { CircleAlert, Download } from 'lucide-react';
import { Link } from 'wouter';
import { statementOf, type StatementFormat } from '../api/endpoints';
import type { User } from '../api/types';
import { currentLanguage, useLocale, useT } from '../i18n';
import { timeZone } from '../lib/dates';
import { download } from '../lib/download';
import { explain } from '../lib/explain';
import { localDay } from '../lib/feed';
import { BackLink } from '../ui/BackLink';
import { Button } from '../ui/Button';
import { SelectField, TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { toast } from '../ui/toast';
import '../styles/proof.css';

const kFormats: StatementFormat[] = ['pdf', 'csv', 'camt053', 'mt940', 'ofx'];

/** The whole month before this one: what people are asked for. */
function lastMonth(now = new Date()): { from: string; to: string } {
  return {
    from: localDay(new Date(now.getFullYear(), now.getMonth() - 1, 1)),
    to: localDay(new Date(now.getFullYear(), now.getMonth(), 0)),
  };
}

export default function StatementPage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [{ from, to }, setDays] = useState(lastMonth);
  const [format, setFormat] = useState<StatementFormat>('pdf');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const swapped = from !== '' && to !== '' && from > to;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setProblem('');
    if (swapped || busy) return;
    setBusy(true);
    try {
      const { blob, name } = await statementOf(me.id, {
        startDate: from,
        endDate: to,
        tz: timeZone(),
        format,
        lang: currentLanguage(),
      });
      download(blob, name ?? `statement.${format}`);
      toast(<span>{t('statement.done')}</span>);
    } catch (error) {
      setProblem(explain(error, { t, locale }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="stack">
      <div className="row">
        <BackLink from={/^\/activity/} fallback="/activity" />
        <PageTitle>{t('statement.title')}</PageTitle>
      </div>
      <form className="card stack" noValidate onSubmit={(event) => void submit(event)}>
        <p className="muted">{t('statement.body')}</p>
        <div className="statement-days">
          <TextField
            type="date"
            label={t('statement.from')}
            value={from}
            error={swapped ? t('statement.order') : undefined}
            onChange={(event) => setDays({ from: event.target.value, to })}
          />
          <TextField
            type="date"
            label={t('statement.to')}
            value={to}
            onChange={(event) => setDays({ from, to: event.target.value })}
          />
        </div>
        <SelectField
          label={t('statement.format')}
          value={format}
          onChange={(event) => setFormat(event.target.value as StatementFormat)}
        >
          {kFormats.map((each) => (
            <option key={each} value={each}>
              {t(`statement.format_${each}`)}
            </option>
          ))}
        </SelectField>
        <Failure icon={CircleAlert}>{problem}</Failure>
        <Button type="submit" look="primary" block busy={busy}>
          {!busy && <Download size={18} aria-hidden="true" />}
          {t('statement.download')}
        </Button>
      </form>
      <p className="small muted">
        {t('statement.verify')} <Link href="/verify">{t('statement.verifyLink')}</Link>
      </p>
    </div>
  );
}
