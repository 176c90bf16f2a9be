import type { User } from '../api/types';
import { useT } from '../i18n';
import { Dialog } from '../ui/Dialog';
import { UnfreezeForm } from './UnfreezeForm';

export default function UnfreezeDialog({ me, onClose }: { me: User; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog open onClose={onClose} title={t('life.unfreezeTitle')}>
      <UnfreezeForm me={me} onDone={onClose} />
    </Dialog>
  );
}
