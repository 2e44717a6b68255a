import { scopes, type ScopeDefinition } from '@tallystick/contracts';

export interface ScopeInWords {
  name: string;
  /** What it lets the client do, as the customer reads it. */
  words: string;
  /** Shown apart: money can leave the customer's accounts by it. */
  movesMoney: boolean;
}

/** Scopes of OpenID Connect itself. */
const protocolScopes: Record<string, Pick<ScopeDefinition, 'words' | 'movesMoney'>> = {
  openid: { words: 'Know who you are (your customer number)', movesMoney: false },
  offline_access: { words: 'Keep this access while you are away, until you end it', movesMoney: false },
};

/** Says what each scope means, those that move money first. A scope without words is shown by its name. */
export function scopesInWords(
  names: readonly string[],
  defined: Readonly<Record<string, ScopeDefinition>> = scopes,
): ScopeInWords[] {
  return names
    .map((name) => {
      const { words, movesMoney } = defined[name] ??
        protocolScopes[name] ?? { words: name, movesMoney: true };
      return { name, words, movesMoney };
    })
    .sort((a, b) => Number(b.movesMoney) - Number(a.movesMoney));
}
