import { useEffect } from 'react';
import { useQuery } from '@tanstack/react-query';
import { getMe } from '../api/endpoints';
import type { User } from '../api/types';
import { session, updateUser } from '../session/session';
import { readSnapshot } from '../session/snapshot';
import { queryClient } from './queries';

export const kMeKey = ['me'] as const;
/** The new address that waits to be confirmed. */
export const kEmailChangeKey = ['email-change'] as const;

/** A new session tells less than the server does when it is asked: what was so before is shown until then, so that nothing on the page moves. */
function remembered(user: User): User {
  const last = readSnapshot();
  if (last?.id !== user.id || last.emailVerified === undefined) return user;
  return { emailVerified: last.emailVerified, ...user };
}

/** The signed-in user as the server last told: from sign-in, then kept fresh. */
export function useMe(): User {
  const state = session();
  if (state.status !== 'active') throw new Error('nobody is signed in');
  const { data } = useQuery({
    queryKey: kMeKey,
    queryFn: ({ signal }) => getMe(signal),
    initialData: () => remembered(state.user),
    // Sign-in tells less than the server does when it is asked.
    initialDataUpdatedAt: 0,
  });
  useEffect(() => updateUser(data), [data]);
  return data;
}

export function setMe(change: (me: User) => User) {
  queryClient.setQueryData<User>(kMeKey, (me) => me && change(me));
}
