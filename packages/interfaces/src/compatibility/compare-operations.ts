import type { BreakKind } from './break-kinds.ts';
import { schemaBreaks, type FieldBreak } from './compare-schemas.ts';
import type { OperationContract } from './contracts.ts';
import { pointerToken, propertiesOf } from './schema-parts.ts';

/** Headers with a kind of break of their own. */
const HEADERS: Readonly<Record<string, BreakKind>> = {
  DPoP: 'proof.required',
  'Idempotency-Key': 'idempotency.required',
};

/** Lists the breaking changes of one version of an operation. All of them hurt its callers. */
export function operationBreaks(before: OperationContract, after: OperationContract): FieldBreak[] {
  const moved = movedParameters(before, after);
  const isMoved = ({ field }: FieldBreak): boolean =>
    moved.some(({ name }) => PLACES.some((place) => field === `${place}/${pointerToken(name)}`));
  const schemas = [
    ...schemaBreaks(before.params, after.params, '/params', 'request'),
    ...schemaBreaks(before.query, after.query, '/query', 'request'),
    ...schemaBreaks(before.body, after.body, '/body', 'request'),
    ...schemaBreaks(before.response, after.response, '/response', 'response'),
  ].filter((one) => !isMoved(one));
  return [
    ...changed('owner.changed', before.service, after.service),
    ...changed('method.changed', before.method, after.method),
    ...changed('path.changed', before.path, after.path),
    ...moved.map(({ name, from, to }): FieldBreak => ({
      kind: 'parameter.moved',
      field: `${from}/${pointerToken(name)}`,
      detail: `the parameter is now in ${to}`,
    })),
    ...gone('status.removed', before.successStatuses, after.successStatuses),
    ...gone('media_type.removed', before.mediaTypes.request, after.mediaTypes.request),
    ...gone('media_type.removed', before.mediaTypes.response, after.mediaTypes.response),
    ...gone('error.removed', before.errors, after.errors),
    ...(before.location === null ? [] : changed('location.changed', before.location, after.location)),
    ...gone('authority.narrowed', before.authority, after.authority),
    ...changed('scope.changed', before.scope, after.scope),
    ...requiredHeaders(before, after),
    ...schemas,
  ];
}

const PLACES = ['/params', '/query', '/body'] as const;

interface Move {
  name: string;
  from: string;
  to: string;
}

/** Finds the parameters that are in another place of the request: path, query or body. */
function movedParameters(before: OperationContract, after: OperationContract): Move[] {
  const fieldsOf = ({ params, query, body }: OperationContract): Record<string, readonly string[]> => ({
    '/params': Object.keys(propertiesOf(params)),
    '/query': Object.keys(propertiesOf(query)),
    '/body': Object.keys(propertiesOf(body)),
  });
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  return PLACES.flatMap((from) =>
    was[from]!.filter((name) => !is[from]!.includes(name)).flatMap((name): Move[] => {
      const to = PLACES.find(
        (place) => place !== from && is[place]!.includes(name) && !was[place]!.includes(name),
      );
      return to === undefined ? [] : [{ name, from, to }];
    }),
  );
}

function requiredHeaders(before: OperationContract, after: OperationContract): FieldBreak[] {
  const added = after.headers.filter((name) => !before.headers.includes(name));
  const detail = (name: string): string => `requests must have ${name}`;
  const breaks = added.map((name): FieldBreak => ({
    kind: HEADERS[name] ?? 'header.required',
    field: '',
    detail: detail(name),
  }));
  const found = new Set(breaks.map(({ kind }) => kind));
  return [
    ...breaks,
    ...(after.proof === 'none' || found.has('proof.required')
      ? []
      : changed('proof.required', before.proof, after.proof)),
    ...(after.idempotent && !before.idempotent && !found.has('idempotency.required')
      ? changed('idempotency.required', 'none', 'Idempotency-Key')
      : []),
  ];
}

/** Returns a break if a value is another one. */
export function changed(kind: BreakKind, before: unknown, after: unknown): FieldBreak[] {
  return before === after ? [] : [{ kind, field: '', detail: `${String(before)} became ${String(after)}` }];
}

/** Returns a break for each value that is gone from a list. */
export function gone<T>(kind: BreakKind, before: readonly T[], after: readonly T[]): FieldBreak[] {
  const left = before.filter((one) => !after.includes(one));
  return left.length === 0 ? [] : [{ kind, field: '', detail: `${left.join(', ')} is gone` }];
}
