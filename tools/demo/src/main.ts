import {
  consoleLines,
  printJson,
  program,
  readStackFile,
  SettingError,
  trustAuthority,
} from '@tallystick/stack';
import { startTelemetry } from '@tallystick/telemetry';
import type { DemoFlags } from './command.ts';
import { startComposed } from './compose.ts';
import { Narrator } from './narrator.ts';
import { startOwnSystem } from './own-system.ts';
import type { Stage } from './stage.ts';
import { traceLinksOf } from './story/trace.ts';
import { tellStory } from './tell-story.ts';

/** Runs `tallystick demo`. */
export const demo = program(async (flags: DemoFlags) => {
  refuseTwoSystems(flags);
  const began = performance.now();
  const stream = flags.json === true ? process.stderr : process.stdout;
  const print = (text: string): void => void stream.write(text);
  const colour = stream.isTTY && process.env['NO_COLOR'] === undefined;
  const narrator = new Narrator(colour, print);
  const stage = await openStage(flags, narrator.progress);
  narrator.progress(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  trustAuthority(stage.stack);
  startTelemetry({ serviceName: 'demo', otlpEndpoint: stage.stack.traces.otlp, tracesPerSecond: 100 });

  await tellStory(stage.stack, stage.traces, narrator, colour);
  const { held, broken, steps } = narrator;
  const status = broken === 0 ? 0 : 1;
  if (flags.exit === true) await stage.stop();
  print(broken === 0 ? `\nEvery step held (${held}).\n` : `\n${broken} of ${held + broken} steps failed.\n`);
  if (flags.json === true) printJson({ held, broken, steps });
  if (flags.exit === true) return status;
  for (const [name, url] of Object.entries(stage.stack.services)) print(`  ${name.padEnd(8)} ${url}\n`);
  for (const line of consoleLines(stage.stack)) print(`${line}\n`);
  print(`${stage.remains}\n`);
  return stage.isOurs ? undefined : status;
});

function refuseTwoSystems({ tls, compose, stack }: DemoFlags): void {
  if ([tls, compose, stack].filter((flag) => flag !== undefined).length > 1)
    throw new SettingError('--tls, --compose and --stack exclude each other: choose one');
}

async function openStage(flags: DemoFlags, progress: (line: string) => void): Promise<Stage> {
  if (flags.compose === true) {
    const composed = await startComposed(progress);
    return {
      ...composed,
      traces: traceLinksOf(composed.stack),
      remains: 'docker compose --file infra/docker/compose.yaml down --volumes removes everything.',
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
  return startOwnSystem(flags, progress);
}
