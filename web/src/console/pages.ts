/** The console's pages and what they are called. */
export const kPages = [
  ['/console', 'console.overview'],
  ['/console/users', 'console.users'],
  ['/console/transactions', 'console.transactions'],
  ['/console/approvals', 'approvals.title'],
  ['/console/actions', 'console.actions'],
  ['/console/ledger', 'console.ledger'],
] as const;
