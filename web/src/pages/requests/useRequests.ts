import { useQuery } from '@tanstack/react-query';
import {
  listRequests,
  type RequestDetails,
  type RequestSide,
  type RequestStatus,
} from '../../api/requests';
import { queryClient } from '../../app/queries';
import { usePages } from '../../lib/usePages';

/** Everything that is known of requests: an event of one makes it old. */
export const kRequestsKey = ['requests'];
export const kBlocksKey = ['request-blocks'];
/** What leads to a request and is come back to. */
export const kLeadsHere = /^\/($|requests$|receive$|scan$|activity\/)/;

const kMostWaiting = 100;

export function useRequests(side: RequestSide, status: RequestStatus | null) {
  return usePages([...kRequestsKey, 'list', side, status], (cursor) =>
    listRequests(side, status, cursor),
  );
}

/** What waits for the reader's answer: the newest of them. */
export function useWaiting() {
  return useQuery({
    queryKey: [...kRequestsKey, 'waiting'],
    queryFn: async () => (await listRequests('received', 'open', null, kMostWaiting)).data,
  });
}

export const keyOf = (id: string) => [...kRequestsKey, 'one', id];

/** Lists and counts are read again; the request itself is as it was just answered. */
export function requestChanged(request: RequestDetails) {
  queryClient.setQueryData<RequestDetails>(keyOf(request.id), (before) =>
    // What was received stays known: only reading the request tells it.
    before?.payments ? { payments: before.payments, ...request } : request,
  );
  for (const part of ['list', 'waiting'])
    void queryClient.invalidateQueries({ queryKey: [...kRequestsKey, part] });
}
