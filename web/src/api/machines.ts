import { toWire, type Money } from '../money/money';
import { call, command } from './http';
import type { Schemas } from './json';

// Programs that use the wallet: service accounts in api/openapi.yaml.

export type ServiceAccount = Schemas['ServiceAccount'];
export type MachineScope = Schemas['WalletScope'];

export type NewMachine = {
  name: string;
  scopes: MachineScope[];
  /** With payments:write. */
  limits: { perRequest: Money; perDay: Money } | null;
  /** null: never. */
  expiresAt: string | null;
  password: string;
};

const kPath = '/api/users/me/service-accounts';
const pathOf = (id: string) => `${kPath}/${encodeURIComponent(id)}`;

export const listMachines = () => call('ServiceAccountList', 'GET', kPath);
export const createMachine = ({ limits, expiresAt, ...machine }: NewMachine) =>
  call('ServiceAccountAnswer', 'POST', kPath, {
    body: {
      ...machine,
      ...(limits === null
        ? {}
        : { limits: { perRequest: toWire(limits.perRequest), perDay: toWire(limits.perDay) } }),
      ...(expiresAt === null ? {} : { expiresAt }),
    },
  });
export const renameMachine = (id: string, name: string) =>
  call('ServiceAccountAnswer', 'PATCH', pathOf(id), { body: { name } });
export const endMachine = (id: string) => command('DELETE', pathOf(id));
export const addSecret = (id: string, password: string) =>
  call('ServiceAccountAnswer', 'POST', `${pathOf(id)}/credentials`, { body: { password } });
export const removeCredential = (id: string, credential: string) =>
  command('DELETE', `${pathOf(id)}/credentials/${encodeURIComponent(credential)}`);
