import type { MachineScope } from '../api/machines';

/** In the order in which they are offered, with the name of their text. */
export const kScopes = [
  { scope: 'payments:read', text: 'machines.payments_read' },
  { scope: 'payments:write', text: 'machines.payments_write' },
  { scope: 'refunds:write', text: 'machines.refunds_write' },
  { scope: 'requests:read', text: 'machines.requests_read' },
  { scope: 'requests:write', text: 'machines.requests_write' },
  { scope: 'reports:read', text: 'machines.reports_read' },
] as const satisfies readonly { scope: MachineScope; text: string }[];
