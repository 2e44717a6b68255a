import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { CoreServiceName } from '@tallystick/contracts';
import type { ConsoleConfig } from './config.ts';

/** Returns the origin of each service's operations for operators, as proofs name it. */
export function operatorOrigins(config: ConsoleConfig): Record<CoreServiceName, string> {
  return {
    auth: config.AUTH_OPERATOR_URL,
    account: config.ACCOUNT_OPERATOR_URL,
    card: config.CARD_OPERATOR_URL,
    payment: config.PAYMENT_OPERATOR_URL,
  };
}

/**
 * Returns a `fetch` that connects to the services where they are: an origin that is public may have another address
 * inside a cluster. Tokens and proofs name the public one.
 */
export function connectingFetch(config: ConsoleConfig): typeof fetch {
  const operators = operatorOrigins(config);
  const addresses = new Map<string, string>();
  const connect = (address: string | undefined, ...origins: string[]): void => {
    if (address !== undefined) for (const origin of origins) addresses.set(origin, address);
  };
  connect(config.AUTH_CONNECT_URL, config.ISSUER, operators.auth);
  connect(config.ACCOUNT_CONNECT_URL, operators.account);
  connect(config.CARD_CONNECT_URL, operators.card);
  connect(config.PAYMENT_CONNECT_URL, operators.payment);
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const address = addresses.get(url.origin);
    if (address === undefined) return fetch(input, init);
    return fetch(new URL(url.pathname + url.search, address), init);
  };
}

/** Makes this process trust the authority of the services' certificates. */
export function trustServices({ SERVICES_CA_FILE: file }: ConsoleConfig): void {
  if (file === undefined) return;
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')]);
}
