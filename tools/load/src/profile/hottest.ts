import * as z from 'zod';

const callFrame = z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() });

/** A `.cpuprofile`, as V8 writes it. */
const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame,
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export interface HotFunction {
  /** Function and file with its line. */
  where: string;
  /** Share of this function itself in the busy time of the process, or in all allocated bytes: from 0 to 1. */
  share: number;
}

/**
 * Returns the functions in which a process spent its time.
 * @param profile content of a `.cpuprofile` file
 * @returns the hottest first, and the busy share of the whole time, from 0 to 1
 */
export function hottest(profile: unknown, count: number): { busy: number; functions: HotFunction[] } {
  const { nodes, samples, timeDeltas } = cpuProfile.parse(profile);
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const timeUs = new Map<string, number>();
  let totalUs = 0;
  let idleUs = 0;
  samples.forEach((id, at) => {
    const deltaUs = timeDeltas[at] ?? 0;
    const frame = frames.get(id)!;
    totalUs += deltaUs;
    if (frame.functionName === '(idle)') idleUs += deltaUs;
    else {
      const where = nameOf(frame);
      timeUs.set(where, (timeUs.get(where) ?? 0) + deltaUs);
    }
  });
  const busyUs = totalUs - idleUs;
  return {
    busy: totalUs === 0 ? 0 : busyUs / totalUs,
    functions: sharesOf(timeUs, busyUs, count),
  };
}

interface AllocationNode {
  callFrame: z.output<typeof callFrame>;
  selfSize: number;
  children: AllocationNode[];
}

/** A `.heapprofile`, as V8 writes it. */
const heapProfile = z.object({
  head: z.object({
    callFrame,
    selfSize: z.number(),
    get children(): z.ZodType<AllocationNode[]> {
      return z.array(heapProfile.shape.head);
    },
  }),
});

/**
 * Returns the functions that allocate most, including memory that was freed.
 * @param profile content of a `.heapprofile` file
 * @returns the number of all bytes, and the functions that allocate most
 */
export function mostAllocating(profile: unknown, count: number): { bytes: number; functions: HotFunction[] } {
  const bytesBy = new Map<string, number>();
  const add = ({ callFrame: frame, selfSize, children }: AllocationNode): void => {
    const where = nameOf(frame);
    bytesBy.set(where, (bytesBy.get(where) ?? 0) + selfSize);
    for (const child of children) add(child);
  };
  add(heapProfile.parse(profile).head);
  const bytes = [...bytesBy.values()].reduce((sum, one) => sum + one, 0);
  return { bytes, functions: sharesOf(bytesBy, bytes, count) };
}

function sharesOf(amounts: ReadonlyMap<string, number>, total: number, count: number): HotFunction[] {
  return [...amounts]
    .map(([where, amount]) => ({ where, share: amount / total }))
    .sort((a, b) => b.share - a.share)
    .slice(0, count);
}

function nameOf({
  functionName,
  url,
  lineNumber,
}: {
  functionName: string;
  url: string;
  lineNumber: number;
}) {
  const file = url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/(packages|services|tools)\//, '$1/');
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
}
