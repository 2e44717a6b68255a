import type { FigureSource } from './figure-source.ts';
import type { Transport } from './interface-figures.ts';
import { label, metric } from './metric-names.ts';

/** The use of one version of an interface by one client or sender. */
export interface ClientFigures {
  interface: string;
  transport: Transport;
  version: number;
  /** A client, producer or service; empty if a request had no valid token. */
  client: string;
  /** Requests or handled messages in the window. */
  count: number;
  /** Requests that ended with 4xx or 5xx; 0 for messages, which are counted after their checks. */
  errors: number;
}

/** The use of a deprecated version by one client. */
export interface DeprecatedUse {
  interface: string;
  version: number;
  client: string;
  count: number;
}

/** Reads who uses which version of which interface. */
export async function readClientFigures(source: FigureSource, windowS: number): Promise<ClientFigures[]> {
  const by = [label.interface, label.version, label.client];
  const [requests, processed] = await Promise.all([
    source.increases({ metric: metric.requests, by: [...by, label.status] }, windowS),
    source.increases({ metric: metric.processed, by }, windowS),
  ]);
  const all = new Map<string, ClientFigures>();
  for (const [transport, found] of [
    ['http', requests],
    ['kafka', processed],
  ] as const)
    for (const { labels, value } of found) {
      const one: ClientFigures = {
        interface: labels[label.interface] ?? '',
        transport,
        version: Number(labels[label.version]),
        client: labels[label.client] ?? '',
        count: 0,
        errors: 0,
      };
      const key = JSON.stringify([transport, one.interface, one.version, one.client]);
      const known = all.get(key) ?? one;
      all.set(key, known);
      known.count += value;
      if (/^[45]/.test(labels[label.status] ?? '')) known.errors += value;
    }
  return [...all.values()].filter(({ count }) => count > 0);
}

/** Reads which deprecated versions are still used, by whom. */
export async function readDeprecatedUses(source: FigureSource, windowS: number): Promise<DeprecatedUse[]> {
  const by = [label.interface, label.version, label.client];
  const found = await source.increases({ metric: metric.deprecatedUses, by }, windowS);
  return found
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => ({
      interface: labels[label.interface] ?? '',
      version: Number(labels[label.version]),
      client: labels[label.client] ?? '',
      count: value,
    }));
}
