import * as v from 'valibot';
import {
  Assertion,
  challengeOfParts,
  checkAssertion,
  idBytes,
  sha256Hex,
  text,
  type Approval,
} from './approval';

// What staff have signed of the proposal that an adjustment is of, as receipts carry it
// (docs/ledger.md, Receipts).

const Text = v.pipe(v.string(), v.maxLength(10_000));
const Id = v.pipe(v.string(), v.uuid());
export const Proposal = v.object({
  id: Id,
  kind: v.picklist(['adjustment', 'closing']),
  sha256: Text,
  subjectId: Id,
  beneficiaryId: v.nullable(Id),
  proposedBy: Id,
  change: Text,
  signatures: v.pipe(
    v.array(
      v.object({
        ...Assertion.entries,
        decision: v.picklist(['proposed', 'approved']),
        signerId: Id,
      }),
    ),
    v.minLength(1),
    v.maxLength(2),
  ),
});
type Proposal = v.InferOutput<typeof Proposal>;

export type Adjustment = {
  senderId: string;
  receiverId: string;
  amount: string;
  kind: string;
  note?: string | null | undefined;
  actorId?: string | null | undefined;
};
export type SignedBy = { decision: 'proposed' | 'approved'; credentialId: string } & Approval;

/** What the checked keys have said together: approved only where none was left unchecked. */
export function saidByKeys(signedBy: SignedBy[]): { approved: boolean; count: number } {
  const signed = signedBy.filter(({ state }) => state === 'signed');
  return {
    approved:
      signed.length === signedBy.length && signed.some(({ decision }) => decision === 'approved'),
    count: signed.length,
  };
}

const kSettlement = '00000000-0000-0000-0000-000000000002';
// The number as it was signed: never through a floating-point one.
const kAmount = /^\{"amount":(-?)([0-9.]+),/;
const kBalance = /"before":\{"status":"[a-z]+","balance":([0-9.]+)\}\}$/;

const minorOf = (amount: string) => BigInt(amount.replace('.', ''));

function isAdjustment({ change, subjectId, beneficiaryId }: Proposal, done: Adjustment): boolean {
  const [, minus, amount] = kAmount.exec(change) ?? [];
  const [wallet, other] = minus
    ? [done.senderId, done.receiverId]
    : [done.receiverId, done.senderId];
  return (
    amount === done.amount &&
    wallet === subjectId &&
    other === kSettlement &&
    beneficiaryId === null
  );
}

function isClosing({ change, subjectId, beneficiaryId }: Proposal, done: Adjustment): boolean {
  const said = JSON.parse(change) as Record<string, unknown>;
  const [, balance] = kBalance.exec(change) ?? [];
  const payee = done.receiverId === kSettlement ? null : done.receiverId;
  return (
    said.status === 'closed' &&
    said.restTo === done.receiverId &&
    done.senderId === subjectId &&
    beneficiaryId === payee &&
    balance !== undefined &&
    minorOf(done.amount) <= minorOf(balance)
  );
}

function isOf(proposal: Proposal, done: Adjustment): boolean {
  const said = JSON.parse(proposal.change) as Record<string, unknown>;
  return (
    done.kind === 'adjustment' &&
    done.actorId === proposal.proposedBy &&
    said.reason === (done.note ?? '') &&
    (proposal.kind === 'adjustment' ? isAdjustment : isClosing)(proposal, done)
  );
}

function areOfTwo({ proposedBy, subjectId, beneficiaryId, signatures }: Proposal): boolean {
  const [first, second] = signatures;
  const mayGive = signatures.every(({ decision, signerId }) =>
    decision === 'proposed'
      ? signerId === proposedBy
      : ![proposedBy, subjectId, beneficiaryId].includes(signerId),
  );
  if (!mayGive || !second) return mayGive;
  return (
    first?.decision === 'proposed' &&
    second.decision === 'approved' &&
    first.publicKey !== second.publicKey
  );
}

/** Who has signed just this adjustment; null: somebody has not. */
export async function checkProposal(
  proposal: Proposal,
  done: Adjustment,
): Promise<SignedBy[] | null> {
  if (!isOf(proposal, done) || !areOfTwo(proposal)) return null;
  if ((await sha256Hex(proposal.change)) !== proposal.sha256) return null;
  const signed: SignedBy[] = [];
  for (const { decision, signerId, ...assertion } of proposal.signatures) {
    const challenge = await challengeOfParts(
      '08',
      idBytes(proposal.id),
      text(proposal.kind),
      idBytes(proposal.subjectId),
      idBytes(proposal.beneficiaryId),
      idBytes(proposal.proposedBy),
      text(proposal.change),
      text(decision),
      idBytes(signerId),
    );
    const approval = await checkAssertion(challenge, assertion);
    if (approval.state === 'forged') return null;
    signed.push({ decision, credentialId: assertion.credentialId, ...approval });
  }
  return signed;
}
