import { useQuery } from '@tanstack/react-query';
import { getRequestSettings, listBlocks, setRequestSettings, unblock } from '../../api/requests';
import { queryClient } from '../../app/queries';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import { Button } from '../../ui/Button';
import { CheckField } from '../../ui/Field';
import { toast } from '../../ui/toast';
import { kBlocksKey, kRequestsKey } from './useRequests';

const kSettingsKey = ['request-settings'];

/** Who may ask the reader for money. */
export function RequestSettings() {
  const t = useT();
  const locale = useLocale();
  const settings = useQuery({ queryKey: kSettingsKey, queryFn: getRequestSettings });
  const blocks = useQuery({ queryKey: kBlocksKey, queryFn: listBlocks });
  const attempt = async (run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (error) {
      toast(<span>{explain(error, { t, locale })}</span>);
    }
  };
  const allow = (fromAnyone: boolean) =>
    attempt(async () =>
      queryClient.setQueryData(kSettingsKey, await setRequestSettings(fromAnyone)),
    );
  const free = (userId: string) =>
    attempt(async () => {
      await unblock(userId);
      await queryClient.invalidateQueries({ queryKey: kBlocksKey });
      await queryClient.invalidateQueries({ queryKey: kRequestsKey });
    });
  const blocked = blocks.data?.data ?? [];
  return (
    <section className="card stack-s" aria-labelledby="may-ask">
      <h2 id="may-ask">{t('requests.who')}</h2>
      <CheckField
        label={t('requests.fromAnyone')}
        hint={t('requests.fromAnyoneHint')}
        checked={settings.data?.fromAnyone ?? false}
        disabled={!settings.data}
        onChange={(event) => void allow(event.target.checked)}
      />
      {blocked.length > 0 && (
        <>
          <h3>{t('requests.blocked')}</h3>
          <ul className="stack-s">
            {blocked.map(({ user }) => (
              <li key={user.id} className="row between">
                <span className="grow truncate">
                  <span className="entry-name" dir="auto">
                    {user.displayName}
                  </span>
                  <span className="muted small" dir="ltr">
                    @{user.username}
                  </span>
                </span>
                <Button small look="outline" onClick={() => void free(user.id)}>
                  {t('requests.unblock')}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
