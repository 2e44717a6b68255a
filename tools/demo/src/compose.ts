import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { services } from '@tallystick/contracts';
import { PrerequisiteError, readStackFile, TALLYSTICK, type StackFile } from '@tallystick/stack';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const DIRECTORY = join(ROOT, 'infra', 'docker');
const STACK_FILE = join(DIRECTORY, '.tallystick', 'stack.json');
const UP_TIMEOUT_S = 180;

/** The system in containers. */
export interface ComposedSystem {
  stack: StackFile;
  /** Removes it, with its data; does nothing if it ran before the story. */
  stop(): Promise<void>;
}

/**
 * Starts the system in containers, unless it is running, and waits until it is healthy. Missing keys are generated.
 * @throws PrerequisiteError if there is no engine, no compose, or no image to start
 */
export async function startComposed(say: (line: string) => void): Promise<ComposedSystem> {
  const ran = await isUp();
  await requireImages();
  if (!existsSync(STACK_FILE)) {
    say('Generating keys and passwords');
    await command(TALLYSTICK, ['k8s', 'secrets', '--for', 'compose']);
  }
  say(ran ? 'The containers are running' : 'Starting the containers');
  await compose(['up', '--detach', '--no-build', '--wait', '--wait-timeout', String(UP_TIMEOUT_S)]);
  return {
    stack: readStackFile(STACK_FILE),
    async stop() {
      if (ran) return;
      say('Removing the containers and their data');
      await compose(['down', '--volumes']);
    },
  };
}

async function isUp(): Promise<boolean> {
  try {
    const { stdout } = await run('docker', composeArguments(['ps', '--quiet']), {
      cwd: DIRECTORY,
      env: environment(),
    });
    return stdout.trim() !== '';
  } catch (error) {
    const said = ((error as { stderr?: string }).stderr ?? '').trim().split('\n')[0];
    throw new PrerequisiteError(
      `docker compose does not answer (${said === '' ? (error as Error).message : said}): install Docker with its compose plugin, and start it.`,
      { cause: error },
    );
  }
}

async function requireImages(): Promise<void> {
  const wanted = services.map((service) => `tallystick/${service}:${process.env['TAG'] ?? 'dev'}`);
  try {
    await run('docker', ['image', 'inspect', '--format', '{{.Id}}', ...wanted]);
  } catch (error) {
    throw new PrerequisiteError(
      `There is no image ${wanted.join(', ')}: build them with npx tallystick images.`,
      {
        cause: error,
      },
    );
  }
}

/** Before the keys exist, compose refuses every command without the variables that are generated with them. */
function environment(): NodeJS.ProcessEnv {
  return existsSync(STACK_FILE)
    ? process.env
    : { ...process.env, TALLYSTICK_USER: 'none', POSTGRES_PASSWORD: 'none' };
}

function composeArguments(args: readonly string[]): string[] {
  return ['compose', '--progress', 'quiet', '--file', join(DIRECTORY, 'compose.yaml'), ...args];
}

function compose(args: readonly string[]): Promise<void> {
  return command('docker', composeArguments(args));
}

/** Runs a program and shows its standard error. */
async function command(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('exit', resolve),
  );
  if (status !== 0) throw new PrerequisiteError(`${program} ${args.join(' ')} exited with status ${status}.`);
}
