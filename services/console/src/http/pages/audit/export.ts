import { once } from 'node:events';
import type { Response } from 'express';
import { auditedServices, Audits, type AuditedEntry } from '../../../app/audits.ts';
import type { ConsoleParts } from '../../../parts.ts';
import type { Page } from '../../page.ts';
import { auditQueryOf } from './audit-query.ts';

/** Entries of each service that one file has: the newest. */
const EXPORTED_MAX = 10_000;
const PAGE = 200;

const columns = [
  'service',
  'seq',
  'occurredAt',
  'actor',
  'clientId',
  'action',
  'object',
  'outcome',
  'traceId',
  'entryId',
  'hash',
] as const;

const formats = {
  csv: {
    type: 'text/csv; charset=utf-8',
    begin: `${columns.join(',')}\r\n`,
    line: (entry: AuditedEntry) => `${columns.map((name) => csvField(entry[name])).join(',')}\r\n`,
  },
  jsonl: {
    type: 'application/jsonl; charset=utf-8',
    begin: '',
    line: (entry: AuditedEntry) => `${JSON.stringify(entry)}\n`,
  },
} as const;

/** Writes the entries of a search to a file, as CSV (RFC 4180) or JSON lines. */
export function auditExport(parts: ConsoleParts): Page {
  return {
    path: '/audit/export',
    title: 'Export of the audit',
    scope: 'audit:read',
    async show(request) {
      const { service: named, ...filter } = auditQueryOf(request.query);
      const format = request.query.get('format') === 'csv' ? 'csv' : 'jsonl';
      const audits = new Audits(parts, request);
      const services = auditedServices(named);
      // Asked before the file begins: a service that does not answer is a page, and not half a file.
      const first = await Promise.all(
        services.map((service) => audits.list(service, { ...filter, limit: PAGE })),
      );
      return {
        async send(response) {
          const { type, begin, line } = formats[format];
          response.set({
            'content-type': type,
            'content-disposition': `attachment; filename="audit.${format}"`,
          });
          await write(response, begin);
          for (const [at, service] of services.entries()) {
            let page = first[at]!;
            for (let count = 0; ; page = await audits.list(service, next(filter, page.nextCursor!))) {
              count += page.entries.length;
              await write(response, page.entries.map(line).join(''));
              if (page.nextCursor === undefined || count >= EXPORTED_MAX || request.signal.aborted) break;
            }
          }
          response.end();
        },
      };
    },
  };
}

function next<Filter extends object>(filter: Filter, cursor: string) {
  return { ...filter, limit: PAGE, cursor };
}

async function write(response: Response, text: string): Promise<void> {
  if (text !== '' && !response.write(text) && !response.destroyed)
    await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

/** Writes a field so that it stays one field, and so that no spreadsheet takes it for a formula. */
export function csvField(value: string | number | undefined): string {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
