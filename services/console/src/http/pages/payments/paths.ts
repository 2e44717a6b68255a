/** Returns the page with everything about an id: a payment, or whatever belongs to one. */
export function paymentPath(id: string): string {
  return `/payments/${encodeURIComponent(id)}`;
}
