import { TriangleAlert } from 'lucide-react';
import type { FoundUser, PublicUser } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { ago, isWithin } from '../../lib/dates';
import { Notice } from '../../ui/Notice';

const kShownForMs = 90 * 24 * 3_600_000;

const Name = ({ user }: { user: PublicUser }) => (
  <>
    <bdi className="strong">{user.displayName}</bdi> <bdi dir="ltr">@{user.username}</bdi>
  </>
);

type Props = {
  payee: FoundUser;
  /** As the payee was called when they were chosen. */
  chosen?: PublicUser;
};

/** What a payer should know of a name before paying: that it is new, or that another looks like it. */
export function PayeeWarnings({ payee, chosen }: Props) {
  const t = useT();
  const locale = useLocale();
  const { renamedAt, looksLike } = payee;
  const renamed = renamedAt !== undefined && isWithin(renamedAt, kShownForMs);
  const changed =
    chosen !== undefined &&
    (chosen.displayName !== payee.displayName || chosen.username !== payee.username);
  return (
    <>
      {changed && (
        <Notice tone="warn" icon={TriangleAlert}>
          {t('send.nowCalled')} <Name user={payee} />
        </Notice>
      )}
      {renamed && (
        <Notice tone="warn" icon={TriangleAlert}>
          {t('send.renamed', { when: ago(renamedAt, locale) })}
        </Notice>
      )}
      {looksLike && (
        <Notice tone="warn" icon={TriangleAlert}>
          {t('send.looksLike')} <Name user={looksLike} />
        </Notice>
      )}
    </>
  );
}
