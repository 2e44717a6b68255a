import {
  claimDirectory,
  reportFault,
  startBackingServices,
  startSystem,
  stopOnExit,
  stackFilePath,
  removeStackFile,
  systemKafkaUsers,
  writeStackFile,
} from '@tallystick/stack';
import { startTelemetry } from '@tallystick/telemetry';
import { FlagError, parseFlags, usage, type Flags } from './flags.ts';
import { Narrator } from './narrator.ts';
import { tellStory } from './tell-story.ts';

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else await run(flags);
} catch (error) {
  if (error instanceof FlagError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  process.exit(reportFault(error));
}

async function run({ exit, tls, directory }: Flags): Promise<void> {
  const began = performance.now();
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const narrator = new Narrator(colour);
  const release = claimDirectory(directory);
  stopOnExit(async () => release());
  const backing = await startBackingServices({
    directory,
    progress: narrator.progress,
    ...(tls && { tls: { kafkaUsers: systemKafkaUsers } }),
  });
  const system = await startSystem(backing, { directory, progress: narrator.progress });
  const path = stackFilePath(directory);
  stopOnExit(async () => {
    removeStackFile(path);
    await system.stop();
  });
  writeStackFile(path, system.stackFile);
  narrator.progress(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  startTelemetry({ serviceName: 'demo', otlpEndpoint: backing.traces.otlp, tracesPerSecond: 100 });

  await tellStory(backing, system, narrator, colour);
  const { held, broken } = narrator;
  const outcome =
    broken === 0 ? `Every step held (${held}).` : `${broken} of ${held + broken} steps did not hold.`;
  if (exit) {
    removeStackFile(path);
    await system.stop();
    await backing.stop();
    release();
    process.stdout.write(`\n${outcome}\n`);
    process.exit(broken === 0 ? 0 : 1);
  }
  process.stdout.write(`\n${outcome}\n`);
  for (const [name, url] of Object.entries(system.stackFile.services))
    process.stdout.write(`  ${name.padEnd(8)} ${url}\n`);
  process.stdout.write(`Everything else is in ${path}. Ctrl-C stops it all.\n`);
}
