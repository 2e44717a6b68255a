import { coreServices, type ServiceName } from '@tallystick/contracts';

/** How far a verification of a service's audit is, from its newest entry back to the first one. */
export interface ChainPass {
  service: ServiceName;
  /** The place of the last entry that was compared: the next ones are before it. At least 2. */
  before: number;
  /** The place at which the pass began. */
  newest: number;
}

/** Reads how far a pass is from the address of the page; `undefined` if it names none. */
export function chainPassIn(query: URLSearchParams): ChainPass | undefined {
  const service = coreServices.find((one) => one === query.get('service'));
  const [before, newest] = [placeIn(query.get('before')), placeIn(query.get('newest'))];
  if (service === undefined || before === undefined || newest === undefined) return undefined;
  return before < 2 || before > newest ? undefined : { service, before, newest };
}

/** Returns the address that says how far a pass is. */
export function chainPassPath(path: string, { service, before, newest }: ChainPass): string {
  return `${path}?service=${service}&before=${before}&newest=${newest}`;
}

function placeIn(text: string | null): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text ?? '') ? Number(text) : undefined;
}
