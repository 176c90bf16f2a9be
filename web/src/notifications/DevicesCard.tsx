import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { BellOff, BellRing, Monitor, Smartphone } from 'lucide-react';
import {
  getNoticeSettings,
  listPushDevices,
  removePushDevice,
  type NoticeSettings,
  type PushDevice,
} from '../api/notifications';
import { ApiError } from '../api/error';
import type { User } from '../api/types';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { ago, dateTime } from '../lib/dates';
import { explain } from '../lib/explain';
import { describeAgent } from '../lib/userAgent';
import { Button } from '../ui/Button';
import { CheckField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Failed, ListSkeleton } from '../ui/States';
import { kSettingsKey, useChoices } from './choices';
import { canPush, needsInstall, turnOff, turnOn } from './push';

const kDevicesKey = ['push-devices'];
const devicesChanged = () => queryClient.invalidateQueries({ queryKey: kDevicesKey });

/** Why nothing can be turned on in this browser; null where it can. */
function useObstacle(publicKey: string | null) {
  const t = useT();
  if (publicKey === null) return t('push.notHere');
  if (needsInstall()) return t('push.install');
  if (!canPush()) return t('push.unsupported');
  return Notification.permission === 'denied' ? t('push.denied') : null;
}

function ThisDevice({
  me,
  publicKey,
  device,
}: {
  me: User;
  publicKey: string | null;
  device: PushDevice | undefined;
}) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const obstacle = useObstacle(publicKey);
  const run = async (act: () => Promise<string | undefined>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      setProblem(await act());
    } catch (error) {
      // What is no answer of ours is the browser's, whose push service it could not reach.
      setProblem(error instanceof ApiError ? explain(error, { t, locale }) : t('push.failed'));
    }
    await devicesChanged();
    setBusy(false);
  };
  if (device)
    return (
      <>
        <Notice tone="ok" icon={BellRing}>
          {t('push.isOn')}
        </Notice>
        <Failure>{problem}</Failure>
        <div className="row">
          <Button
            busy={busy}
            onClick={() => void run(() => turnOff(device.id).then(() => undefined))}
          >
            {t('push.turnOff')}
          </Button>
        </div>
      </>
    );
  if (obstacle !== null) return <Notice icon={BellOff}>{obstacle}</Notice>;
  return (
    <>
      <Failure>{problem}</Failure>
      <div className="row">
        <Button
          look="primary"
          busy={busy}
          onClick={() =>
            void run(async () => {
              const permission = await turnOn(me.id, publicKey ?? '');
              return permission === 'default' ? t('push.dismissed') : undefined;
            })
          }
        >
          {t('push.turnOn')}
        </Button>
      </div>
    </>
  );
}

function DeviceRow({ device }: { device: PushDevice }) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const agent = describeAgent(device.userAgent);
  const Icon = agent.phone ? Smartphone : Monitor;
  const name = agent.name ?? t('settings.unknownDevice');
  const remove = async () => {
    setBusy(true);
    // Where it fails the row stays, and can be tapped again.
    await removePushDevice(device.id).catch(() => undefined);
    await devicesChanged();
    setBusy(false);
  };
  return (
    <li className="item session">
      <span className="avatar" aria-hidden="true">
        <Icon size={20} />
      </span>
      <div className="grow">
        <p className="item-title" dir="auto">
          {name}
        </p>
        <p
          className="item-sub"
          title={device.lastSuccessAt === null ? undefined : dateTime(device.lastSuccessAt, locale)}
        >
          {device.lastSuccessAt === null
            ? t('push.none')
            : t('push.last', { time: ago(device.lastSuccessAt, locale) })}
        </p>
      </div>
      <Button
        small
        busy={busy}
        aria-label={t('push.removeOf', { name })}
        onClick={() => void remove()}
      >
        {t('push.remove')}
      </Button>
    </li>
  );
}

function PushChoices({ settings }: { settings: NoticeSettings }) {
  const t = useT();
  const { chosen, change, problem } = useChoices(settings);
  const choices = [
    ['pushMoney', t('push.moneyIn')],
    ['pushRequests', t('push.requestsIn')],
    ['pushPlanned', t('push.planned')],
  ] as const;
  return (
    <>
      {choices.map(([name, label]) => (
        <CheckField
          key={name}
          label={label}
          checked={chosen[name]}
          onChange={({ target }) => void change({ [name]: target.checked })}
        />
      ))}
      <CheckField
        label={t('push.amounts')}
        hint={t('push.amountsHint')}
        checked={chosen.pushAmounts}
        onChange={({ target }) => void change({ pushAmounts: target.checked })}
      />
      <Failure>{problem}</Failure>
      <p className="muted small">{t('push.always')}</p>
    </>
  );
}

/** Which browsers show notices at once, this one among them, and of what. */
export default function DevicesCard({ me }: { me: User }) {
  const t = useT();
  const devices = useQuery({ queryKey: kDevicesKey, queryFn: listPushDevices });
  const settings = useQuery({ queryKey: kSettingsKey, queryFn: getNoticeSettings });
  const others = devices.data?.data.filter((device) => !device.current) ?? [];
  return (
    <section className="card stack-s" aria-labelledby="push">
      <h2 id="push">{t('push.card')}</h2>
      <p className="muted small">{t('push.intro')}</p>
      {devices.isError ? (
        <Failed error={devices.error} onRetry={() => void devices.refetch()} />
      ) : settings.isError ? (
        <Failed error={settings.error} onRetry={() => void settings.refetch()} />
      ) : devices.isPending || settings.isPending ? (
        <ListSkeleton rows={3} />
      ) : (
        <>
          <ThisDevice
            me={me}
            publicKey={devices.data.publicKey}
            device={devices.data.data.find((device) => device.current)}
          />
          {others.length > 0 && (
            <>
              <h3>{t('push.others')}</h3>
              <ul className="list">
                {others.map((device) => (
                  <DeviceRow key={device.id} device={device} />
                ))}
              </ul>
            </>
          )}
          {devices.data.data.length > 0 && <PushChoices settings={settings.data} />}
        </>
      )}
    </section>
  );
}
