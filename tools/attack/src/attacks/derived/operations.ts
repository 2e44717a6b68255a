import { operations, type OperationDefinition } from '@tallystick/contracts';

/** A version of an operation, which is a route. */
export interface Route {
  operation: OperationDefinition;
  version: number;
  /** `payment.capture-v1` */
  name: string;
}

/** Returns every route of contracts. */
export function routesOf(all: readonly OperationDefinition[] = Object.values(operations)): Route[] {
  return all.flatMap((operation) =>
    Object.keys(operation.versions).map((version) => ({
      operation,
      version: Number(version),
      name: `${operation.id}-v${version}`,
    })),
  );
}

/** Returns the names of the parameters in a route's path. */
export function parametersOf({ operation, version }: Route): string[] {
  return [...operation.versions[version]!.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
}
