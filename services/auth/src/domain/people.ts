/** The people who sign in to a client: customers, or operators. A client signs in one kind only. */
export const people = ['customers', 'operators'] as const;
export type People = (typeof people)[number];

/** The member of a client's metadata that names its people; customers if it is absent. */
export const PEOPLE_MEMBER = 'signs_in';

const prefixes: Record<People, string> = { customers: 'usr_', operators: 'opr_' };

/** Prefixes of the subjects of tokens that are people. */
export const personPrefixes: readonly string[] = Object.values(prefixes);

/** Returns the people that a client signs in. @param client the metadata of the client */
export function peopleOf(client: object | undefined): People {
  return (client as Readonly<Record<string, unknown>> | undefined)?.[PEOPLE_MEMBER] === 'operators'
    ? 'operators'
    : 'customers';
}

/** Returns whether a person with this id may sign in to a client of these people. */
export function isOneOf(kind: People, personId: string): boolean {
  return personId.startsWith(prefixes[kind]);
}
