import { useInfiniteQuery, useQuery, type InfiniteData } from '@tanstack/react-query';
import {
  listNotifications,
  markNotificationsRead,
  type NotificationPage,
} from '../api/notifications';
import { queryClient } from '../app/queries';
import { nextCursor } from '../lib/feed';
import { tellTabs } from '../session/tabs';

export const kNotificationsKey = ['notifications'];
const kUnreadKey = [...kNotificationsKey, 'unread'];
const kListKey = [...kNotificationsKey, 'list'];
const kPageSize = 30;

/** How many are unread; undefined until it is known. */
export const useUnread = () =>
  useQuery({
    queryKey: kUnreadKey,
    queryFn: async ({ signal }) => (await listNotifications(null, 1, signal)).unread,
    // Read marks of other devices are told by no event: who comes back to the page has it asked again.
    staleTime: 0,
  }).data;

export const useNotifications = () =>
  useInfiniteQuery({
    queryKey: kListKey,
    queryFn: ({ pageParam, signal }) => listNotifications(pageParam, kPageSize, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last, _pages, _param, used) => nextCursor(last, used),
  });

export const notificationsChanged = () =>
  queryClient.invalidateQueries({ queryKey: kNotificationsKey });

/** Marks as read what was shown, here, in the other tabs and on all devices. */
export async function markRead(userId: string, upTo: string) {
  const { unread } = await markNotificationsRead(upTo);
  // An answer on its way may be older than the mark.
  await queryClient.cancelQueries({ queryKey: kUnreadKey });
  queryClient.setQueryData(kUnreadKey, unread);
  // The rows keep showing what was new until the list is read again.
  queryClient.setQueryData<InfiniteData<NotificationPage>>(kListKey, (list) => {
    const [first, ...older] = list?.pages ?? [];
    return list && first && { ...list, pages: [{ ...first, unread }, ...older] };
  });
  void queryClient.invalidateQueries({ queryKey: kListKey, refetchType: 'none' });
  tellTabs({ type: 'notice', userId });
}
