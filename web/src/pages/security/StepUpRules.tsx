import { useState, type SubmitEvent } from 'react';
import { setStepUpRules } from '../../api/endpoints';
import type { Factors } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import { AmountField } from '../../ui/AmountField';
import { Button } from '../../ui/Button';
import { CheckField } from '../../ui/Field';
import { Failure } from '../../ui/Notice';
import { toast } from '../../ui/toast';
import { useAmounts } from '../../ui/useAmounts';

/** Which payments ask for a code. */
export function StepUpRules({
  rules,
  onSaved,
}: {
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
        <AmountField
          label={(currency) => t('security.above', { currency })}
          hint={t('security.aboveHint')}
          value={above}
          error={problem}
          onText={(typed) => {
            setAbove(typed);
            setProblem(undefined);
          }}
        />
        <CheckField
          label={t('security.newPayees')}
          checked={newPayees}
          onChange={(event) => setNewPayees(event.target.checked)}
        />
        <Failure>{failure}</Failure>
        <div className="row">
          <Button type="submit" busy={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </section>
  );
}
