import { readStackFile, reportFault, trustAuthority } from '@tallystick/stack';
import { startTelemetry } from '@tallystick/telemetry';
import { startComposed } from './compose.ts';
import { parseFlags, usage, type Flags } from './flags.ts';
import { Narrator } from './narrator.ts';
import { startOwnSystem } from './own-system.ts';
import type { Stage } from './stage.ts';
import { traceLinksOf } from './story/trace.ts';
import { tellStory } from './tell-story.ts';

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else await run(flags);
} catch (error) {
  process.exit(reportFault(error));
}

async function run(flags: Flags): Promise<void> {
  const began = performance.now();
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const narrator = new Narrator(colour);
  const stage = await openStage(flags, narrator.progress);
  narrator.progress(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  trustAuthority(stage.stack);
  startTelemetry({ serviceName: 'demo', otlpEndpoint: stage.stack.traces.otlp, tracesPerSecond: 100 });

  await tellStory(stage.stack, stage.traces, narrator, colour);
  const { held, broken } = narrator;
  const outcome =
    broken === 0 ? `Every step held (${held}).` : `${broken} of ${held + broken} steps did not hold.`;
  if (flags.exit) await stage.stop();
  process.stdout.write(`\n${outcome}\n`);
  if (flags.exit) process.exit(broken === 0 ? 0 : 1);
  for (const [name, url] of Object.entries(stage.stack.services))
    process.stdout.write(`  ${name.padEnd(8)} ${url}\n`);
  process.stdout.write(`${stage.remains}\n`);
  if (!stage.isOurs) process.exit(broken === 0 ? 0 : 1);
}

async function openStage(flags: Flags, say: (line: string) => void): Promise<Stage> {
  if (flags.compose) {
    const composed = await startComposed(say);
    return {
      ...composed,
      traces: traceLinksOf(composed.stack),
      remains: 'docker compose --file infra/docker/compose.yaml down --volumes removes it all.',
      isOurs: false,
    };
  }
  if (flags.stack !== undefined) {
    const stack = readStackFile(flags.stack);
    return {
      stack,
      traces: traceLinksOf(stack),
      remains: `Everything else is in ${flags.stack}.`,
      isOurs: false,
      stop: async () => {},
    };
  }
  return startOwnSystem(flags, say);
}
