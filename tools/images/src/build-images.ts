import { mkdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stopOnExit } from '@tallystick/stack';
import * as z from 'zod';
import { revisionOf, stageContext } from './context.ts';
import { programs, type EngineName, type ImagesFlags } from './command.ts';
import { build, findEngine, inspectImage, removeImage, type Build } from './engine.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const BASE_IMAGE = 'node:24-bookworm-slim';
const BYTES_ABOVE_BASE_MAX = 120_000_000;

export interface BuiltImage {
  service: string;
  image: string;
  id: string;
  bytes: number;
  /** size in addition to the base image */
  bytesAboveBase: number;
  seconds: number;
  /** whether a fresh second build produced the same layers; `null` if it was not tried */
  isReproducible: boolean | null;
}

export interface Report {
  engine: EngineName;
  revision: string;
  images: BuiltImage[];
  /** a sentence for each image that is too large */
  faults: string[];
}

/**
 * Builds the images one after another, since they share the stage that compiles.
 * @param progress called with a line for each step
 * @throws PrerequisiteError if there is no engine, or if it fails
 */
export async function buildImages(flags: ImagesFlags, progress: (line: string) => void): Promise<Report> {
  const engine = await findEngine(flags.engine);
  const revision = await revisionOf(ROOT);
  const logs = join(ROOT, '.tallystick', 'images');
  mkdirSync(logs, { recursive: true });
  progress(`Building with ${engine} from ${revision.name}; its output goes to .tallystick/images/`);
  const context = await stageContext(ROOT, revision);
  const unregister = stopOnExit(() => rm(context, { recursive: true, force: true }));
  const images: BuiltImage[] = [];
  const chosen = [...new Set(flags.service ?? Object.keys(programs))];
  try {
    for (const [at, service] of chosen.entries()) {
      const image = `tallystick/${service}:${flags.tag}`;
      const beganMs = performance.now();
      progress(`${at + 1} of ${chosen.length}: ${image}`);
      const description = {
        image,
        dockerfile: join(context, 'infra', 'docker', 'Dockerfile'),
        context,
        buildArgs: {
          SERVICE: service,
          WORKSPACE: programs[service]!,
          VERSION: version(),
          REVISION: revision.name,
          CREATED: new Date(revision.timeS * 1000).toISOString(),
          SOURCE_DATE_EPOCH: String(revision.timeS),
          ...(flags.buildImage === undefined ? {} : { BUILD_IMAGE: flags.buildImage }),
        },
        network: flags.network,
        logFile: join(logs, `${service}.log`),
      };
      await build(engine, description);
      const [{ id, bytes, layers }, base] = await Promise.all([
        inspectImage(engine, image),
        inspectImage(engine, BASE_IMAGE),
      ]);
      const seconds = Math.round((performance.now() - beganMs) / 100) / 10;
      const isReproducible =
        flags.reproduce === true ? await comesOutAlike(engine, description, layers) : null;
      images.push({
        service,
        image,
        id,
        bytes,
        bytesAboveBase: bytes - base.bytes,
        seconds,
        isReproducible,
      });
    }
  } finally {
    await rm(context, { recursive: true, force: true });
    unregister();
  }
  return { engine, revision: revision.name, images, faults: [...tooLarge(images), ...unlike(images)] };
}

/** @returns a sentence for each image above the size limit */
export function tooLarge(images: readonly Pick<BuiltImage, 'image' | 'bytesAboveBase'>[]): string[] {
  return images
    .filter(({ bytesAboveBase }) => bytesAboveBase > BYTES_ABOVE_BASE_MAX)
    .map(
      ({ image, bytesAboveBase }) =>
        `${image} is ${megabytes(bytesAboveBase)} above its base; the limit is ${megabytes(BYTES_ABOVE_BASE_MAX)}`,
    );
}

async function comesOutAlike(engine: EngineName, first: Build, layers: readonly string[]): Promise<boolean> {
  const image = `${first.image}-again`;
  await build(engine, {
    ...first,
    image,
    isFresh: true,
    logFile: first.logFile.replace('.log', '-again.log'),
  });
  const again = await inspectImage(engine, image);
  await removeImage(engine, image);
  return JSON.stringify(again.layers) === JSON.stringify(layers);
}

/** @returns a sentence for each image that differs in a second build */
function unlike(images: readonly BuiltImage[]): string[] {
  return images
    .filter(({ isReproducible }) => isReproducible === false)
    .map(({ image }) => `${image} differs after a second build from the same sources`);
}

/** Formats bytes as megabytes (10⁶). */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function version(): string {
  const manifest = z.object({ version: z.string() });
  return manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).version;
}
