import { queryClient } from '../app/queries';

export const kSchedulesKey = ['schedules'];
export const scheduleKey = (id: string) => [...kSchedulesKey, id];

export const schedulesChanged = () => queryClient.invalidateQueries({ queryKey: kSchedulesKey });
