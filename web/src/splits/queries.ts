import { listSplits, type SplitDetails } from '../api/splits';
import { queryClient } from '../app/queries';
import { usePages } from '../lib/usePages';
import { kRequestsKey } from '../pages/requests/useRequests';

// Under the requests' key: whatever happens to one of them makes its split old.
const kSplitsKey = [...kRequestsKey, 'splits'];
export const keyOf = (id: string) => [...kSplitsKey, 'one', id];

export const useSplits = () => usePages([...kSplitsKey, 'list'], (cursor) => listSplits(cursor));

/** The split is as it was just answered; all else about requests is read again. */
export function splitChanged(split: SplitDetails) {
  void queryClient.invalidateQueries({ queryKey: kRequestsKey });
  queryClient.setQueryData<SplitDetails>(keyOf(split.id), split);
}
