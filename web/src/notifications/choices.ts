import { useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { updateNoticeSettings, type NoticeChange, type NoticeSettings } from '../api/notifications';
import { isCode } from '../api/error';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';

export const kSettingsKey = ['notice-settings'];

/**
 * What is chosen shows at once and is sent, one change after the other; one that fails is as it was
 * again.
 */
export function useChoices(kept: NoticeSettings) {
  const t = useT();
  const locale = useLocale();
  const [chosen, setChosen] = useState(kept);
  const { mutateAsync, error, isPending } = useMutation({
    scope: { id: 'notice-settings' },
    mutationFn: updateNoticeSettings,
    onSuccess: (settings) => queryClient.setQueryData(kSettingsKey, settings),
  });
  const problem =
    error &&
    (isCode(error, 'mail_not_configured')
      ? t('notifications.noMails')
      : explain(error, { t, locale }));
  const change = async (fields: NoticeChange): Promise<boolean> => {
    setChosen((now) => ({ ...now, ...fields }));
    try {
      await mutateAsync(fields);
      return true;
    } catch {
      const before = Object.entries(chosen).filter(([name]) => name in fields);
      setChosen((now) => ({ ...now, ...Object.fromEntries(before) }));
      return false;
    }
  };
  return { chosen, change, problem, isPending };
}
export type Choices = ReturnType<typeof useChoices>;
