import { useState, type SubmitEvent } from 'react';
import { setStepUpRules } from '../../api/endpoints';
import type { Factors, User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { toast } from '../../ui/toast';
import { useAmounts } from '../../ui/useAmounts';

/** Which payments ask for a code. */
export function StepUpRules({
  me,
  rules,
  onSaved,
}: {
  me: User;
  rules: Factors['stepUp'];
  onSaved: (factors: Factors) => void;
}) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const [above, setAbove] = useState(rules.above === null ? '' : amounts.text(rules.above));
  const [newPayees, setNewPayees] = useState(rules.newPayees);
  const [problem, setProblem] = useState<string>();
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const parsed = above.trim() ? amounts.read(above) : null;
    if (parsed && !parsed.ok) return setProblem(amounts.problem(parsed));
    setBusy(true);
    setFailure(null);
    try {
      onSaved(await setStepUpRules(parsed ? parsed.minor : null, newPayees));
      toast(<span>{t('settings.saved')}</span>);
    } catch (error) {
      setFailure(explain(error, { t, locale }));
    }
    setBusy(false);
  };
  return (
    <section className="card stack no-print" aria-labelledby="rules">
      <h2 id="rules">{t('security.rules')}</h2>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          label={t('security.above', { currency: me.currency })}
          hint={t('security.aboveHint')}
          value={above}
          inputMode="decimal"
          dir="ltr"
          autoComplete="off"
          error={problem}
          onChange={(event) => {
            setAbove(event.target.value);
            setProblem(undefined);
          }}
        />
        <label className="row tick">
          <input
            type="checkbox"
            checked={newPayees}
            onChange={(event) => setNewPayees(event.target.checked)}
          />
          <span>{t('security.newPayees')}</span>
        </label>
        <div role="alert">{failure && <p className="notice notice-danger">{failure}</p>}</div>
        <div className="row">
          <Button type="submit" busy={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </section>
  );
}
