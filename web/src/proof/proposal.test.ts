import { expect, test } from 'vitest';
import { checkProposal, saidByKeys, type Adjustment, type SignedBy } from './proposal';
import { answerTo, bytes, hash, id, text } from './authenticator.fixture';

const kProposer = '0193a001-0000-7000-8000-00000000000b';
const kApprover = '0193a001-0000-7000-8000-00000000000c';
const kCustomer = '0193a001-0000-7000-8000-00000000000d';
const kHeir = '0193a001-0000-7000-8000-00000000000e';
const kSettlement = '00000000-0000-0000-0000-000000000002';

const kAdded: Adjustment = {
  senderId: kSettlement,
  receiverId: kCustomer,
  amount: '12.30',
  kind: 'adjustment',
  note: 'نقدًا',
  actorId: kProposer,
};
const kAdding = '{"amount":12.30,"reason":"نقدًا"}';

type Facts = {
  kind: 'adjustment' | 'closing';
  change: string;
  beneficiaryId: string | null;
  signers: ['proposed' | 'approved', string][];
};
const kBoth: Facts['signers'] = [
  ['proposed', kProposer],
  ['approved', kApprover],
];

async function signed(facts: Partial<Facts> = {}) {
  const { kind, change, beneficiaryId, signers } = {
    kind: 'adjustment' as const,
    change: kAdding,
    beneficiaryId: null,
    signers: kBoth,
    ...facts,
  };
  const proposal = { id: kHeir.replace('e', 'f'), kind, subjectId: kCustomer, beneficiaryId };
  const signatures = [];
  for (const [decision, signerId] of signers) {
    const challenge = await hash(
      Uint8Array.from([
        8,
        ...id(proposal.id),
        ...text(kind),
        ...id(kCustomer),
        ...id(beneficiaryId),
        ...id(kProposer),
        ...text(change),
        ...text(decision),
        ...id(signerId),
      ]),
    );
    signatures.push({ decision, signerId, ...(await answerTo(challenge)) });
  }
  const sha256 = Array.from(await hash(bytes(change)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  return { ...proposal, proposedBy: kProposer, change, sha256, signatures };
}

const decisions = async (...asked: Parameters<typeof checkProposal>) =>
  (await checkProposal(...asked))?.map(({ decision, state }) => `${decision} ${state}`) ?? null;

test('two keys have signed just this adjustment', async () => {
  expect(await decisions(await signed(), kAdded)).toEqual(['proposed signed', 'approved signed']);
  const alone = await signed({ signers: [['approved', kApprover]] });
  expect(await decisions(alone, kAdded)).toEqual(['approved signed']);
});

test('approved is said of an approval, where every key was checked', () => {
  const of = (decision: SignedBy['decision'], state: 'signed' | 'unchecked'): SignedBy => ({
    decision,
    credentialId: 'AA',
    ...(state === 'signed' ? { state, origin: 'https://pay.example.com' } : { state }),
  });
  const said = (...signedBy: SignedBy[]) => {
    const { approved, count } = saidByKeys(signedBy);
    return `${approved ? 'approved' : 'signed'} ${count}`;
  };
  expect(said(of('proposed', 'signed'), of('approved', 'signed'))).toBe('approved 2');
  expect(said(of('approved', 'signed'))).toBe('approved 1');
  expect(said(of('proposed', 'signed'))).toBe('signed 1');
  expect(said(of('proposed', 'signed'), of('approved', 'unchecked'))).toBe('signed 1');
  expect(said(of('proposed', 'unchecked'), of('approved', 'signed'))).toBe('signed 1');
  expect(said(of('approved', 'unchecked'))).toBe('signed 0');
});

test('what is taken away, and what a closing pays out', async () => {
  const taking = await signed({ change: '{"amount":-5.00,"reason":""}' });
  const taken = {
    ...kAdded,
    senderId: kCustomer,
    receiverId: kSettlement,
    amount: '5.00',
    note: null,
  };
  expect(await decisions(taking, taken)).not.toBeNull();
  expect(await decisions(taking, { ...kAdded, amount: '5.00', note: null })).toBeNull();
  const change =
    `{"status":"closed","restTo":"${kHeir}","reason":"Left",` +
    '"before":{"status":"active","balance":1000.00}}';
  const closing = await signed({ kind: 'closing', change, beneficiaryId: kHeir });
  const paid = { ...kAdded, senderId: kCustomer, receiverId: kHeir, note: 'Left' };
  expect(await decisions(closing, { ...paid, amount: '999.50' })).not.toBeNull();
  expect(await decisions(closing, { ...paid, amount: '1000.01' })).toBeNull();
  expect(await decisions(closing, { ...paid, amount: '5.00', receiverId: kApprover })).toBeNull();
});

test('another adjustment is not what they signed', async () => {
  const proposal = await signed();
  const others: Partial<Adjustment>[] = [
    { amount: '12.31' },
    { receiverId: kHeir },
    { senderId: kHeir },
    { note: null },
    { actorId: kApprover },
    { kind: 'transfer' },
  ];
  for (const other of others) expect(await decisions(proposal, { ...kAdded, ...other })).toBeNull();
  const more = { ...proposal, change: '{"amount":99.00,"reason":"نقدًا"}' };
  expect(await decisions(more, { ...kAdded, amount: '99.00' })).toBeNull();
  const [first, second] = proposal.signatures;
  if (!first || !second) throw new Error('two have signed');
  for (const signatures of [
    [second, first],
    [first, first],
    [{ ...second, decision: 'proposed' as const }],
    [first, { ...second, signerId: kHeir }],
    [first, { ...second, signerId: kProposer }],
    [first, { ...second, signature: first.signature }],
    [{ ...first, publicKey: second.publicKey }, second],
  ])
    expect(await decisions({ ...proposal, signatures }, kAdded)).toBeNull();
  for (const change of [
    { id: kHeir },
    { kind: 'closing' as const },
    { subjectId: kHeir },
    { beneficiaryId: kHeir },
    { proposedBy: kHeir },
    { sha256: '0'.repeat(64) },
  ])
    expect(await decisions({ ...proposal, ...change }, kAdded)).toBeNull();
});
