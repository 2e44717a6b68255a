import { PrerequisiteError, startBackingServices, type BackingServices } from '@tallystick/stack';

/**
 * Starts Kafka and Postgres as processes if possible, since containers cost additional time and hide a server's
 * resource usage.
 */
export async function startBacking(directory: string, say: (line: string) => void): Promise<BackingServices> {
  const options = { directory, progress: say, traces: 'sink' } as const;
  if (process.env['TALLYSTICK_BACKING'] !== undefined) return startBackingServices(options);
  try {
    return await startBackingServices({
      ...options,
      env: { ...process.env, TALLYSTICK_BACKING: 'process' },
    });
  } catch (fault) {
    if (!(fault instanceof PrerequisiteError)) throw fault;
    say(`${fault.message} Using containers instead.`);
    return startBackingServices(options);
  }
}
