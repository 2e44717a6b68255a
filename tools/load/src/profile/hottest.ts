import * as z from 'zod';

/** A `.cpuprofile`, as V8 writes it. */
const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export interface HotFunction {
  /** Function and file with its line. */
  where: string;
  /** Share of the time in which the process did something, from 0 to 1, in this function itself. */
  share: number;
}

/**
 * Which functions a process spent its time in.
 * @param profile as in a `.cpuprofile` file
 * @returns the hottest first, and how much of the whole time the process was busy, from 0 to 1
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
    functions: [...timeUs]
      .map(([where, us]) => ({ where, share: us / busyUs }))
      .sort((a, b) => b.share - a.share)
      .slice(0, count),
  };
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
