import { useLocale, useT } from '../i18n';
import { explainField } from '../lib/explain';
import { TextField } from '../ui/Field';
import { SegmentsField } from '../ui/Segments';
import { kRepeats, readRule, sayRule, type RuleProblem, type RuleText } from './rule';

type Props = {
  rule: RuleText;
  problem: RuleProblem | null;
  /** The first day that may be chosen. */
  earliest: string;
  onChange: (change: Partial<RuleText>) => void;
};

/** When something is paid: the first time, how often, until when. */
export function RuleFields({ rule, problem, earliest, onChange }: Props) {
  const t = useT();
  const locale = useLocale();
  const said = (field: RuleProblem['field']) =>
    problem?.field === field ? explainField(problem.code, t) : undefined;
  const read = readRule(rule);
  return (
    <div className="stack">
      <div className="schedule-when">
        <TextField
          label={t(rule.repeats === 'once' ? 'schedules.date' : 'schedules.firstDate')}
          type="date"
          dir="ltr"
          min={earliest}
          value={rule.date}
          error={said('date')}
          onChange={(event) => onChange({ date: event.target.value })}
        />
        <TextField
          label={t('schedules.time')}
          type="time"
          dir="ltr"
          value={rule.time}
          error={said('time')}
          onChange={(event) => onChange({ time: event.target.value })}
        />
      </div>
      <SegmentsField
        label={t('schedules.repeats')}
        value={rule.repeats}
        options={kRepeats.map((value) => ({ value, label: t(`schedules.repeats_${value}`) }))}
        onChange={(repeats) => onChange({ repeats })}
      />
      {rule.repeats !== 'once' && (
        <>
          <TextField
            label={t(`schedules.interval_${rule.repeats}`)}
            inputMode="numeric"
            dir="ltr"
            value={rule.interval}
            error={said('interval')}
            onChange={(event) => onChange({ interval: event.target.value })}
          />
          <SegmentsField
            label={t('schedules.ends')}
            value={rule.ends}
            options={(['never', 'on', 'after'] as const).map((value) => ({
              value,
              label: t(`schedules.ends_${value}`),
            }))}
            onChange={(ends) => onChange({ ends })}
          />
          {rule.ends === 'on' && (
            <TextField
              label={t('schedules.endsOn')}
              type="date"
              dir="ltr"
              min={rule.date}
              value={rule.endsOn}
              error={said('endsOn')}
              onChange={(event) => onChange({ endsOn: event.target.value })}
            />
          )}
          {rule.ends === 'after' && (
            <TextField
              label={t('schedules.count')}
              inputMode="numeric"
              dir="ltr"
              value={rule.count}
              error={said('count')}
              onChange={(event) => onChange({ count: event.target.value })}
            />
          )}
        </>
      )}
      {'startsAt' in read && read.repeats !== 'once' && (
        <p className="muted small" role="status">
          {sayRule(read, t, locale)}
        </p>
      )}
    </div>
  );
}
