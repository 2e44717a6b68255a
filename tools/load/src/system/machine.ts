import { cpus, release, totalmem, type } from 'node:os';

/** The machine of a measurement. */
export interface Machine {
  cpu: string;
  cores: number;
  memory_mb: number;
  os: string;
}

export function machine(): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memory_mb: Math.round(totalmem() / 2 ** 20),
    os: `${type()} ${release()}`,
  };
}
