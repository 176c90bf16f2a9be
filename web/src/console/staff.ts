import type { Role } from '../api/types';

/** What the console offers to a role; the server decides (src/core/role.h has the whole table). */
type Permission = 'freeze' | 'money' | 'limits' | 'close' | 'roles' | 'erase';
const kMay: Partial<Record<Role, readonly Permission[]>> = {
  operator: ['freeze', 'money', 'limits', 'close', 'roles', 'erase'],
  support: ['freeze'],
  treasury: ['money', 'limits', 'close'],
  admin: ['roles', 'erase'],
};
export const may = (role: Role, permission: Permission) =>
  kMay[role]?.includes(permission) ?? false;
