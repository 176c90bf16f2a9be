import type { User } from '../api/types';
import { queryClient } from '../app/queries';

/** After something was done to an account; `user` is what the server made of it, where it says so. */
export async function userChanged(id: string, user?: User) {
  if (user) queryClient.setQueryData(['user', id], user);
  for (const key of [['users'], ['actions'], ['history', id], ['balance', id]])
    void queryClient.invalidateQueries({ queryKey: key });
  if (!user) await queryClient.invalidateQueries({ queryKey: ['user', id] });
}
