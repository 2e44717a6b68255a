/** Returns the path of the page about a party. */
export function partyPath(partyId: string): string {
  return `/parties/${encodeURIComponent(partyId)}`;
}
