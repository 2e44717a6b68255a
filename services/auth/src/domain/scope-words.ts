import { scopes, type ScopeDefinition } from '@tallystick/contracts';

export interface ScopeInWords {
  name: string;
  /** The permission that the client gets, as shown to the customer. */
  words: string;
  /** Highlighted: money can leave the customer's accounts with this scope. */
  movesMoney: boolean;
}

/** The scopes of OpenID Connect itself. */
const protocolScopes: Record<string, Pick<ScopeDefinition, 'words' | 'movesMoney'>> = {
  openid: { words: 'Know who you are (your customer number)', movesMoney: false },
  offline_access: { words: 'Keep this access while you are away, until you end it', movesMoney: false },
};

/** Describes each scope; the scopes that move money come first. A scope without a description is shown by its name. */
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
