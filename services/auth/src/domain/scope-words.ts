import { scopes } from '@tallystick/contracts';

export interface ScopeInWords {
  name: string;
  /** What it lets the client do, as the customer reads it. */
  words: string;
  /** Shown apart: money can leave the customer's accounts by it. */
  movesMoney: boolean;
}

const protocolWords: Record<string, string> = {
  openid: 'Know who you are (your customer number)',
  offline_access: 'Keep this access while you are away, until you end it',
};

const MOVES_MONEY: ReadonlySet<string> = new Set([
  'transfers:write',
  'payments:write',
  'mandates:write',
  'cards:write',
]);

/** Says what each scope means, those that move money first. A scope without words is shown by its name. */
export function scopesInWords(names: readonly string[]): ScopeInWords[] {
  const apiWords: Record<string, string> = scopes;
  return names
    .map((name) => ({
      name,
      words: apiWords[name] ?? protocolWords[name] ?? name,
      movesMoney: MOVES_MONEY.has(name),
    }))
    .sort((a, b) => Number(b.movesMoney) - Number(a.movesMoney));
}
