import { useT } from '../i18n';
import { Button } from './Button';

type Props = {
  of: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => Promise<unknown>;
  };
  block?: boolean;
};

/** The next page of a list, while there is one. */
export function More({ of: { hasNextPage, isFetchingNextPage, fetchNextPage }, block }: Props) {
  const t = useT();
  if (!hasNextPage) return null;
  return (
    <Button block={block ?? false} busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
      {t('action.more')}
    </Button>
  );
}
