import { useState } from 'react';
import { CircleAlert, Pause, Pencil, Play, SkipForward, Trash2 } from 'lucide-react';
import { changeSchedule, skipOccurrence } from '../api/endpoints';
import type { Schemas } from '../api/json';
import { useLocale, useT } from '../i18n';
import { date } from '../lib/dates';
import { explain } from '../lib/explain';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Failure } from '../ui/Notice';
import { toast } from '../ui/toast';
import { EditSchedule } from './EditSchedule';
import { schedulesChanged } from './queries';

type Act = 'pause' | 'resume' | 'skip' | 'cancel';

/** One thing at a time, said when it is done; and why not, where it is not. */
function useAct() {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState<Act | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const act = async (name: Act, run: () => Promise<unknown>, done: string) => {
    setBusy(name);
    setFailure(null);
    try {
      await run();
      toast(<span>{done}</span>);
    } catch (error) {
      setFailure(explain(error, { t, locale }));
    } finally {
      setBusy(null);
      // Whatever was answered: what is shown may have been overtaken.
      await schedulesChanged();
    }
  };
  return { busy, failure, act };
}

/** What can be done about a plan, while anything is to come of it. */
export function ScheduleActions({ schedule }: { schedule: Schemas['ScheduleDetails'] }) {
  const t = useT();
  const locale = useLocale();
  const { busy, failure, act } = useAct();
  const [open, setOpen] = useState<'edit' | 'cancel' | null>(null);
  const { id, status, waiting, next } = schedule;
  const going = status === 'active' || status === 'paused';
  const skippable = waiting?.reason ? waiting : status === 'active' ? next : null;
  const close = () => setOpen(null);

  const pause = () => act('pause', () => changeSchedule(id, 'pause'), t('schedules.paused'));
  const resume = () => act('resume', () => changeSchedule(id, 'resume'), t('schedules.resumed'));
  const cancel = () => act('cancel', () => changeSchedule(id, 'cancel'), t('schedules.cancelled'));
  const skip = (number: number, time: string) =>
    act('skip', () => skipOccurrence(id, number), t('schedules.skipped', { time }));

  return (
    <>
      <Failure icon={CircleAlert}>{failure}</Failure>
      {going && (
        <div className="row-wrap">
          {status === 'paused' ? (
            <Button look="primary" busy={busy === 'resume'} onClick={() => void resume()}>
              <Play size={18} aria-hidden="true" className="flip" />
              {t('schedules.resume')}
            </Button>
          ) : (
            next && (
              <Button look="outline" busy={busy === 'pause'} onClick={() => void pause()}>
                <Pause size={18} aria-hidden="true" />
                {t('schedules.pause')}
              </Button>
            )
          )}
          {skippable && (
            <Button
              look="outline"
              busy={busy === 'skip'}
              onClick={() => void skip(skippable.number, date(skippable.dueAt, locale))}
            >
              <SkipForward size={18} aria-hidden="true" className="flip" />
              {t('schedules.skip', { time: date(skippable.dueAt, locale) })}
            </Button>
          )}
          {next && (
            <Button look="outline" onClick={() => setOpen('edit')}>
              <Pencil size={18} aria-hidden="true" />
              {t('schedules.edit')}
            </Button>
          )}
          <Button look="quiet" onClick={() => setOpen('cancel')}>
            <Trash2 size={18} aria-hidden="true" />
            {t('schedules.cancel')}
          </Button>
        </div>
      )}
      {open === 'edit' && <EditSchedule schedule={schedule} onClose={close} />}
      <Dialog open={open === 'cancel'} onClose={close} title={t('schedules.cancelTitle')}>
        <p className="muted">
          {t('schedules.cancelBody', { name: schedule.receiver.displayName })}
        </p>
        <div className="dialog-actions">
          <Button
            look="danger"
            busy={busy === 'cancel'}
            onClick={() => void cancel().finally(close)}
          >
            {t('schedules.cancelYes')}
          </Button>
          <Button onClick={close}>{t('schedules.keep')}</Button>
        </div>
      </Dialog>
    </>
  );
}
