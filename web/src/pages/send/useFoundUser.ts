import { useQuery } from '@tanstack/react-query';
import { findPayee } from '../../api/endpoints';

/** What a payer is shown of a user, asked anew each time it is shown. */
export function useFoundUser(id: string) {
  return useQuery({
    queryKey: ['payee', { by: 'id', value: id }],
    queryFn: () => findPayee({ by: 'id', value: id }),
    staleTime: 0,
  });
}
