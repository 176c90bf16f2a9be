import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { listMachines } from '../api/machines';
import type { User } from '../api/types';
import { queryClient } from '../app/queries';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { BlockSkeleton, Failed } from '../ui/States';
import { AddMachine } from './AddMachine';
import { MachineRow } from './MachineRow';
import { SecretOnce, type Shown } from './SecretOnce';
import '../styles/machines.css';

const kMachines = ['machines'];

/** The programs that use the wallet: what each may do, its secrets, and its end. */
export default function MachinesCard({ me }: { me: User }) {
  const t = useT();
  const query = useQuery({ queryKey: kMachines, queryFn: listMachines });
  const [adding, setAdding] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const changed = (secret: Shown | null) => {
    setAdding(false);
    setShown(secret);
    void queryClient.invalidateQueries({ queryKey: kMachines });
  };
  const machines = query.data?.data ?? [];
  return (
    <section className="card stack no-print" aria-labelledby="machines">
      <h2 id="machines">{t('machines.title')}</h2>
      <p>{t('machines.body')}</p>
      {shown ? (
        <SecretOnce {...shown} onDone={() => setShown(null)} />
      ) : query.isPending ? (
        <BlockSkeleton />
      ) : query.isLoadingError ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          {machines.length === 0 ? (
            <p className="muted">{t('machines.none')}</p>
          ) : (
            <ul className="list machines">
              {machines.map((machine) => (
                <MachineRow key={machine.id} me={me} machine={machine} onChanged={changed} />
              ))}
            </ul>
          )}
          {adding ? (
            <AddMachine me={me} onDone={changed} onCancel={() => setAdding(false)} />
          ) : (
            <div className="row-wrap">
              <Button onClick={() => setAdding(true)}>{t('machines.add')}</Button>
            </div>
          )}
        </>
      )}
    </section>
  );
}
