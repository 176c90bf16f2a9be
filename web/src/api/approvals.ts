import { call, read, request } from './http';
import type { Schemas } from './json';
import type { PasskeyAssertion } from './types';

// What staff propose and another one decides: `/api/approvals` of api/openapi.yaml.

export type Approval = Schemas['Approval'];
export type ApprovalStatus = Schemas['ApprovalStatus'];

/** Thrown where a request was not done but proposed: the caller's form says so. */
export class Proposed extends Error {
  constructor(readonly approval: Approval) {
    super('proposed');
  }
}

/** As call(), of what may need a second operator. */
export async function callOrPropose<Name extends keyof Schemas>(
  name: Name,
  ...asked: Parameters<typeof request>
): Promise<Schemas[Name]> {
  const response = await request(...asked);
  if (response.status === 202) throw new Proposed(await read(response, 'Approval'));
  return read(response, name);
}

const pathOf = (id: string, step = '') => `/api/approvals/${encodeURIComponent(id)}${step}`;

export const listApprovals = (status: ApprovalStatus | '', cursor: string | null, limit = 20) =>
  call('ApprovalPage', 'GET', '/api/approvals', { query: { status, cursor, limit } });
export const approveProposal = (id: string) => call('Approval', 'POST', pathOf(id, '/approve'));
/** What a passkey signs of a proposal: that it is proposed, or that it is approved. */
export const authorizeProposal = (id: string) =>
  call('ProposalAuthorizationOptions', 'POST', pathOf(id, '/authorization'));
/** Of another one's proposal, this approves it and carries it out. */
export const signProposal = (id: string, passkey: PasskeyAssertion) =>
  call('Approval', 'POST', pathOf(id, '/signature'), { body: { passkey } });
export const refuseProposal = (id: string, reason: string) =>
  call('Approval', 'POST', pathOf(id, '/refuse'), { body: { reason } });
export const withdrawProposal = (id: string) => call('Approval', 'POST', pathOf(id, '/withdraw'));
