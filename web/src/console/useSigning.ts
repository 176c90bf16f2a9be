import { useQuery } from '@tanstack/react-query';
import { authorizeProposal, signProposal } from '../api/approvals';
import { getFactors } from '../api/endpoints';
import { queryClient } from '../app/queries';
import { hasPasskeys } from '../lib/hasPasskeys';
import { showPasskey } from '../lib/passkey';

/** Signs a proposal with a passkey, where this person and this browser have one; else null. */
export function useSigning(id: string): (() => Promise<void>) | null {
  const { data } = useQuery({
    queryKey: ['factors'],
    queryFn: getFactors,
    enabled: hasPasskeys(),
  });
  if (!data || data.passkeys.length === 0) return null;
  return async () => {
    const { publicKey } = await authorizeProposal(id);
    await signProposal(id, await showPasskey(publicKey));
    await queryClient.invalidateQueries();
  };
}
