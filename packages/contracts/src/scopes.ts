/**
 * The parties that may get a scope: a `customer` by consent, or an `operator`. An operator is a client that acts on its
 * own behalf, or a person who signs in to a client for operators.
 */
export type Grantee = 'customer' | 'operator';

/**
 * The powers of operators. Each power has its own client, so a stolen key of a client gives one power: `treasury` funds
 * accounts and owns accounts itself; `registrar` certifies producers; `reader` reads the books and the audit;
 * `support` ends access, freezes accounts, blocks cards and withdraws mandates.
 */
export const powers = ['treasury', 'registrar', 'reader', 'support'] as const;
export type Power = (typeof powers)[number];

export interface ScopeDefinition {
  /** The permission as shown on the consent page; it also describes an operator's scope. */
  words: string;
  /** Whether money can leave the customer's accounts with this scope; the consent page highlights it. */
  movesMoney: boolean;
  grantees: readonly Grantee[];
  /** The power of an operator's client with this scope; `treasury` if absent. */
  power?: Power;
}

/** The scopes of access tokens. */
export const scopes = {
  'accounts:read': {
    words: 'See your accounts, their balances and entries',
    movesMoney: false,
    grantees: ['customer', 'operator'],
  },
  'accounts:write': {
    words: 'Open accounts in your name',
    movesMoney: false,
    grantees: ['customer', 'operator'],
  },
  'transfers:write': {
    words: 'Move money out of your accounts',
    movesMoney: true,
    grantees: ['customer', 'operator'],
  },
  'transfers:propose': {
    words: 'Propose transfers that bring money in',
    movesMoney: false,
    grantees: ['operator'],
  },
  'transfers:approve': {
    words: 'Approve transfers that bring money in',
    movesMoney: true,
    grantees: ['operator'],
  },
  'mandates:read': {
    words: 'See who may debit your accounts',
    movesMoney: false,
    grantees: ['customer', 'operator'],
  },
  'mandates:write': {
    words: 'Let others debit your accounts, and withdraw that',
    movesMoney: true,
    grantees: ['customer', 'operator'],
  },
  'cards:read': { words: 'See your cards', movesMoney: false, grantees: ['customer', 'operator'] },
  'cards:write': {
    words: 'Order cards on your accounts and set their limits',
    movesMoney: true,
    grantees: ['customer', 'operator'],
  },
  'payments:read': { words: 'See your payments', movesMoney: false, grantees: ['customer', 'operator'] },
  'payments:write': {
    words: 'Pay from your accounts and cards, and refund what you were paid',
    movesMoney: true,
    grantees: ['customer', 'operator'],
  },
  'consents:read': {
    words: 'See which apps you allowed to act for you',
    movesMoney: false,
    grantees: ['customer'],
  },
  'consents:write': {
    words: 'Withdraw what you allowed apps',
    movesMoney: false,
    grantees: ['customer'],
  },
  'clients:disable': {
    words: 'Disable and enable clients',
    movesMoney: false,
    grantees: ['operator'],
    power: 'support',
  },
  'customers:disable': {
    words: 'Disable and enable customers',
    movesMoney: false,
    grantees: ['operator'],
    power: 'support',
  },
  'operators:disable': {
    words: 'Disable and enable people who are operators',
    movesMoney: false,
    grantees: ['operator'],
    power: 'support',
  },
  'quarantine:release': {
    words: 'Release and discard messages in quarantine',
    movesMoney: false,
    grantees: ['operator'],
    power: 'support',
  },
  'accounts:freeze': {
    words: 'Freeze and unfreeze accounts of customers',
    movesMoney: false,
    grantees: ['operator'],
    power: 'support',
  },
  'cards:block': {
    words: 'Block and unblock cards of customers',
    movesMoney: false,
    grantees: ['operator'],
    power: 'support',
  },
  'mandates:withdraw': {
    words: 'Withdraw all mandates of a party',
    movesMoney: false,
    grantees: ['operator'],
    power: 'support',
  },
  'sessions:end': {
    words: 'End the sessions of customers and operators',
    movesMoney: false,
    grantees: ['operator'],
    power: 'support',
  },
  'ledger:read': {
    words: 'See the whole ledger: accounts, entries, holds, mandates and the trial balance',
    movesMoney: false,
    grantees: ['operator'],
    power: 'reader',
  },
  'clients:read': {
    words: 'See the clients and their scopes',
    movesMoney: false,
    grantees: ['operator'],
    power: 'reader',
  },
  'audit:read': {
    words: 'See who decided what: the audit entries of each service',
    movesMoney: false,
    grantees: ['operator'],
    power: 'reader',
  },
  'producers:write': {
    words: 'Register message producers and revoke their keys',
    movesMoney: false,
    grantees: ['operator'],
    power: 'registrar',
  },
} as const satisfies Record<string, ScopeDefinition>;
export type Scope = keyof typeof scopes;

/** Returns the scopes that a party may get. */
export function scopesFor(
  grantee: Grantee,
  defined: Readonly<Record<string, ScopeDefinition>> = scopes,
): string[] {
  return Object.keys(defined).filter((scope) => defined[scope]!.grantees.includes(grantee));
}

const forCustomers: ReadonlySet<string> = new Set(scopesFor('customer'));

/** Returns whether only operators may have the scope of an operation: each of its calls is an operator's act. */
export function isForOperators({ scope }: { scope: Scope }): boolean {
  return !forCustomers.has(scope);
}

/** Returns the power that a scope gives to an operator's client. */
export function powerOf(
  scope: string,
  defined: Readonly<Record<string, ScopeDefinition>> = scopes,
): Power | undefined {
  const definition = defined[scope];
  return definition === undefined ? undefined : (definition.power ?? 'treasury');
}

/**
 * Returns the scopes that a person with these roles may get. A role is a power; the scopes that customers grant too are
 * not among them, because a person acts on nothing of their own.
 */
export function personScopes(roles: readonly string[]): Scope[] {
  return (Object.keys(scopes) as Scope[]).filter(
    (scope) => !forCustomers.has(scope) && roles.some((role) => role === powerOf(scope)),
  );
}

/** The only audience of access tokens (RFC 8707, RFC 9068). */
export const API_AUDIENCE = 'urn:tallystick:api';
