import { useEffect, useState, type SubmitEvent } from 'react';
import { stepUp } from '../api/endpoints';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { CodeField } from '../ui/CodeField';
import { Dialog } from '../ui/Dialog';
import { useCode } from '../ui/useCode';
import { renew } from './session';
import { answerFactor, useFactorAsked } from './stepUp';

function CodeForm() {
  const t = useT();
  const code = useCode();
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!code.check()) return;
    setBusy(true);
    try {
      const { accessToken, expiresIn } = await stepUp(code.text);
      renew(accessToken, expiresIn);
      answerFactor(true);
    } catch (error) {
      code.refuse(error);
      setBusy(false);
    }
  };
  return (
    <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
      <p className="muted">{t('security.stepUpBody')}</p>
      <CodeField {...code.field} />
      <div className="dialog-actions">
        <Button type="submit" look="primary" busy={busy}>
          {t('security.continue')}
        </Button>
        <Button onClick={() => answerFactor(false)}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}

/** Opens wherever the API asks for a second factor once more; what asked goes on after it. */
export function StepUpDialog() {
  const t = useT();
  const open = useFactorAsked();
  // What waits is not left waiting when the session ends.
  useEffect(() => () => answerFactor(false), []);
  return (
    <Dialog open={open} onClose={() => answerFactor(false)} title={t('security.stepUpTitle')}>
      <CodeForm />
    </Dialog>
  );
}
