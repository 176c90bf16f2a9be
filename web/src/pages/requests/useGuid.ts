import { useQuery } from '@tanstack/react-query';
import { getPaymentCodes } from '../../api/requests';

/** What names this installation's codes among those of other schemes, once it is known. */
export const useGuid = (): string | undefined =>
  useQuery({ queryKey: ['payment-codes'], queryFn: getPaymentCodes, staleTime: Infinity }).data
    ?.guid;
