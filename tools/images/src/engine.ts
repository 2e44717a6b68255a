import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { PrerequisiteError } from '@tallystick/stack/errors.ts';
import * as z from 'zod';
import { engines, type EngineName } from './command.ts';

const run = promisify(execFile);
const ANSWER_TIMEOUT_MS = 10_000;

/** The arguments of each program that succeed if its engine responds. */
const questions: Record<EngineName, string[]> = {
  docker: ['info', '--format', '{{.ServerVersion}}'],
  podman: ['info', '--format', '{{.Version.Version}}'],
  buildah: ['info'],
};

const inspection = z
  .tuple([
    z.object({
      Id: z.string(),
      Size: z.number().int(),
      RootFS: z.object({ Layers: z.array(z.string()) }),
    }),
  ])
  .transform(([image]) => ({ id: image.Id, bytes: image.Size, layers: image.RootFS.Layers }));
const buildahInspection = z
  .object({
    FromImageID: z.string(),
    Manifest: z.string(),
    OCIv1: z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) }),
  })
  .transform(({ FromImageID, Manifest, OCIv1 }, context) => {
    const layers = z
      .object({ layers: z.array(z.object({ size: z.number().int() })) })
      .safeParse(JSON.parse(Manifest));
    if (layers.success)
      return {
        id: FromImageID,
        bytes: layers.data.layers.reduce((sum, { size }) => sum + size, 0),
        layers: OCIv1.rootfs.diff_ids,
      };
    context.addIssue({ code: 'custom', message: 'the manifest lists no layers' });
    return z.NEVER;
  });

/**
 * Finds a container engine that responds.
 * @param wanted the engine to use; defaults to the first that responds
 * @throws PrerequisiteError with advice if none responds
 */
export async function findEngine(wanted: EngineName | undefined): Promise<EngineName> {
  for (const name of wanted === undefined ? engines : [wanted]) {
    try {
      await run(name, questions[name], { timeout: ANSWER_TIMEOUT_MS });
      return name;
    } catch {
      // Not installed, or its daemon is not running: try the next.
    }
  }
  const whose = wanted ?? `one of ${engines.join(', ')}`;
  throw new PrerequisiteError(`No container engine answers: install or start ${whose}.`);
}

export interface Build {
  image: string;
  dockerfile: string;
  /** the folder to send to the engine */
  context: string;
  buildArgs: Record<string, string>;
  network: string | undefined;
  /** ignores the cache of earlier builds */
  isFresh?: boolean;
  logFile: string;
}

/**
 * Builds one image; the output of the engine goes to the log file.
 * @throws PrerequisiteError with the last lines of the log if the build fails
 */
export async function build(engine: EngineName, options: Build): Promise<void> {
  const args = [
    'build',
    '--file',
    options.dockerfile,
    '--tag',
    options.image,
    ...(options.isFresh === true ? ['--no-cache'] : []),
    ...(options.network === undefined ? [] : ['--network', options.network]),
    ...Object.entries(options.buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    options.context,
  ];
  const log = createWriteStream(options.logFile);
  const lines: string[] = [];
  const child = spawn(engine, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log.write(chunk);
      lines.push(...chunk.toString('utf8').split('\n').filter(Boolean));
      lines.splice(0, lines.length - 20);
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  log.end();
  if (status === 0) return;
  throw new PrerequisiteError(
    `${engine} could not build ${options.image}; the end of ${options.logFile}:\n  ${lines.join('\n  ')}`,
  );
}

/** The properties of an image, as the engine reports them. */
export interface Inspected {
  id: string;
  /** unpacked; for buildah: packed */
  bytes: number;
  /** the digest of each layer */
  layers: string[];
}

/** Queries the properties of an image. */
export async function inspectImage(engine: EngineName, image: string): Promise<Inspected> {
  if (engine === 'buildah') {
    const { stdout } = await run('buildah', ['inspect', '--type', 'image', image]);
    return buildahInspection.parse(JSON.parse(stdout));
  }
  const { stdout } = await run(engine, ['image', 'inspect', image]);
  return inspection.parse(JSON.parse(stdout));
}

/** Removes an image; others that share its layers stay. */
export async function removeImage(engine: EngineName, image: string): Promise<void> {
  await run(engine, ['rmi', image]);
}
