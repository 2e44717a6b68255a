import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ServiceName } from '@tallystick/contracts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Compiles the services and the packages that they use, as for their images. A process that runs from sources carries
 * a type stripper of some 65 MB, so one whose memory is measured runs compiled code.
 * @throws Error with the output of the compiler
 */
export async function buildServices(services: readonly ServiceName[]): Promise<void> {
  try {
    await promisify(execFile)(
      process.execPath,
      [
        join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
        '-b',
        ...services.map((name) => `services/${name}`),
      ],
      { cwd: ROOT },
    );
  } catch (fault) {
    throw new Error(`the services do not compile:\n${(fault as { stdout?: string }).stdout ?? ''}`, {
      cause: fault,
    });
  }
}
