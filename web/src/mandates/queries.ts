import { queryClient } from '../app/queries';

export const kMandatesKey = ['mandates'];
export const mandateKey = (id: string) => [...kMandatesKey, 'one', id];
export const drawKey = (id: string) => [...kMandatesKey, 'draw', id];

export const mandatesChanged = () => queryClient.invalidateQueries({ queryKey: kMandatesKey });
