import { spawn } from 'node:child_process';
import { PrerequisiteError } from '@tallystick/stack';

/**
 * Runs kubectl against the cluster of KUBECONFIG, or of its own settings.
 * @param input written to its standard input
 * @returns its standard output
 * @throws PrerequisiteError with its own message if it is not installed or fails
 */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let [out, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  child.stdin.end(input);
  let status: number | null;
  try {
    status = await ended;
  } catch (error) {
    throw new PrerequisiteError('kubectl is not installed: install it, and name a cluster in KUBECONFIG.', {
      cause: error,
    });
  }
  if (status === 0) return out;
  throw new PrerequisiteError(`kubectl ${args.join(' ')}: ${complaint.trim()}`);
}
