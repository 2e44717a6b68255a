import { startBackingServices, type BackingServices } from './backing-services.ts';
import { printJson, program, say } from './command-line.ts';
import type { StackFlags } from './command.ts';
import { consoleLines } from './console-access.ts';
import { claimDirectory } from './process/claim.ts';
import { stopOnExit } from './process/stop-on-exit.ts';
import { systemKafkaUsers } from './system/seed.ts';
import { removeStackFile, stackFilePath, writeStackFile, type StackFile } from './stack-file.ts';

/** Runs `tallystick stack`, which stays up until a signal. */
export const stack = program(up);

async function up(flags: StackFlags): Promise<void> {
  const began = performance.now();
  const release = claimDirectory(flags.directory);
  stopOnExit(async () => release());
  try {
    const backing = await startBackingServices({
      directory: flags.directory,
      progress: say,
      ...(flags.tls === true && { tls: { kafkaUsers: systemKafkaUsers } }),
    });
    if (flags.backingOnly === true) tellBacking(backing, flags);
    else tellStack(await startServices(backing, flags), backing, flags);
  } catch (fault) {
    release();
    throw fault;
  }
  say(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s. Ctrl-C stops it.`);
  // services that were there already leave nothing else that keeps this process alive
  setInterval(() => {}, 2 ** 30);
}

async function startServices(backing: BackingServices, flags: StackFlags): Promise<StackFile> {
  const { startSystem } = await import('./system.ts');
  const system = await startSystem(backing, { directory: flags.directory, progress: say, console: true });
  const path = stackFilePath(flags.directory);
  stopOnExit(async () => {
    removeStackFile(path);
    await system.stop();
  });
  writeStackFile(path, system.stackFile);
  return system.stackFile;
}

function tellStack(stack: StackFile, backing: BackingServices, flags: StackFlags): void {
  if (flags.json === true) return printJson(stack);
  const services = Object.entries(stack.services);
  const databases = Object.entries(stack.postgres).map(([name, url]) => [
    `${name} database`,
    withoutPassword(url),
  ]);
  printTable([...services, ['Kafka', backing.kafka.brokers.join(',')], ...databases, ...traces(backing)]);
  for (const line of consoleLines(stack)) print(line);
  print(`Everything else is in ${stackFilePath(flags.directory)}`);
}

function tellBacking(
  { kafka, postgres, traces: { otlp, jaeger, query }, origin }: BackingServices,
  flags: StackFlags,
) {
  if (flags.json === true) return printJson({ kafka, postgres, traces: { otlp, jaeger, query }, origin });
  printTable([
    ['KAFKA_BROKERS', kafka.brokers.join(',')],
    // printed only here, because each run has a new password
    ['POSTGRES_URL', postgres.url],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', otlp],
    ...(jaeger === null ? [] : [['JAEGER_QUERY_URL', jaeger]]),
  ]);
}

function traces({ traces: { pages, query, otlp } }: BackingServices): string[][] {
  if (pages !== null) return [['Jaeger', pages]];
  return [query === null ? ['spans go to', otlp] : ['a trace', `${query}/api/v3/traces/{trace id}`]];
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}

function printTable(rows: (string | undefined)[][]): void {
  const width = Math.max(...rows.map(([name = '']) => name.length));
  for (const [name = '', value = ''] of rows) print(`${name.padEnd(width)}  ${value}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
