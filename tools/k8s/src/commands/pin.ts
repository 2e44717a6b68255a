import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printJson, program, type ExitStatus } from '@tallystick/stack';
import type { PinFlags } from '../command.ts';
import { pinImages } from '../images/pin-images.ts';
import { KUBERNETES } from '../render.ts';

const FILE = join(KUBERNETES, 'overlays', 'production', 'images', 'kustomization.yaml');

/** Runs `tallystick k8s pin`. */
export const pin = program(async ({ json }: PinFlags, ...images: string[]): Promise<ExitStatus> => {
  writeFileSync(FILE, pinImages(readFileSync(FILE, 'utf8'), images));
  if (json === true) printJson({ pinned: images });
  else process.stdout.write(`${images.join('\n')}\n`);
  return 0;
});
