import type { Client } from '@tallystick/client';
import {
  auditOf,
  listEntries,
  toldOf,
  verifyChain,
  type AuditFilter,
  type ToldEntry,
} from '@tallystick/audit';
import { AUDIT_DONE, coreServices, operations, services, type ServiceName } from '@tallystick/contracts';
import type { SignedIn } from './sessions.ts';
import type { ConsoleParts } from '../parts.ts';
import { verifyServiceChain, type ChainVerdict } from './verify-chain.ts';

/** An entry with the service whose chain it is in. */
export type AuditedEntry = ToldEntry & { service: ServiceName };

/** A part of a service's audit, newest first. */
export interface AuditPage {
  entries: AuditedEntry[];
  nextCursor: string | undefined;
}

const lists = {
  auth: operations.authAuditList,
  account: operations.accountAuditList,
  card: operations.cardAuditList,
  payment: operations.paymentAuditList,
} as const;

/** Reads the audits of all services for an operator; each reading is itself audited. */
export class Audits {
  readonly #parts: ConsoleParts;
  readonly #client: Client;
  readonly #operator: Pick<SignedIn, 'operatorId'>;

  constructor(
    parts: ConsoleParts,
    { client, operator }: { client: Client; operator: Pick<SignedIn, 'operatorId'> },
  ) {
    this.#parts = parts;
    this.#client = client;
    this.#operator = operator;
  }

  /**
   * Lists entries of a service, newest first.
   * @param query.cursor the `nextCursor` of the previous page
   * @throws as the client does, if the service does not answer
   */
  async list(
    service: ServiceName,
    query: AuditFilter & { limit: number; cursor?: string | undefined },
  ): Promise<AuditPage> {
    if (service === 'console') return this.#listOwn(query);
    const { body } = await this.#client.call(lists[service], { query });
    return {
      entries: (body.entries as ToldEntry[]).map((entry) => ({ ...entry, service })),
      nextCursor: body.nextCursor,
    };
  }

  /**
   * Verifies the audit of a service: of the console all of it, of another the newest entries.
   * @param before verifies the entries before this place instead of the newest
   */
  async verify(service: ServiceName, before?: number): Promise<ChainVerdict> {
    const { messaging, pool } = this.#parts;
    if (service !== 'console')
      return verifyServiceChain(
        { messaging, client: this.#client },
        { service, list: lists[service], before },
      );
    const told = await messaging.readAudit(service);
    if ('fault' in told) return { isIntact: false, fault: told.fault, seq: told.seq, offset: told.offset };
    const verdict = await verifyChain(pool, told.hashes);
    if ('fault' in verdict) return { isIntact: false, fault: verdict.fault, seq: verdict.seq };
    const compared = verdict.seq === 0 ? undefined : { from: 1, to: verdict.seq };
    return { isIntact: true, told: told.hashes.size, compared };
  }

  /** The console reads its own audit from its own database. */
  async #listOwn({
    limit,
    cursor,
    ...filter
  }: AuditFilter & { limit: number; cursor?: string | undefined }): Promise<AuditPage> {
    const { pool, config, nowMs } = this.#parts;
    const before = cursor === undefined ? undefined : Number(cursor);
    const found = await listEntries(pool, filter, { before, limit: limit + 1 });
    await pool.query(
      auditOf([
        {
          actor: this.#operator.operatorId,
          clientId: config.CLIENT_ID,
          action: operations.consoleAuditList.id,
          outcome: AUDIT_DONE,
          atMs: nowMs(),
        },
      ]),
    );
    return {
      entries: found.slice(0, limit).map((entry) => ({ ...toldOf(entry), service: 'console' as const })),
      nextCursor: found.length > limit ? String(found[limit - 1]!.seq) : undefined,
    };
  }
}

/** Returns the services that a search names: one, or all. */
export function auditedServices(named: string | null): readonly ServiceName[] {
  const one = services.find((service) => service === named);
  return one === undefined ? [...coreServices, 'console'] : [one];
}
