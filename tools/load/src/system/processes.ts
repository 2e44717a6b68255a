import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { coreServices } from '@tallystick/contracts';
import type { StackFile } from '@tallystick/stack';

/** Ticks per second of the times in /proc (USER_HZ is 100 on every Linux that Node supports). */
const TICKS_PER_SECOND = 100;
const LISTENING = '0A';

/** A part of the system with its name and process; `null` if it runs elsewhere or in a container. */
export interface Part {
  name: string;
  pid: number | null;
}

const NOT_SERVICES: ReadonlySet<string> = new Set(['kafka', 'postgres', 'generator']);

/** Whether the name of a part is that of a service. */
export function isService(name: string): boolean {
  return !NOT_SERVICES.has(name);
}

/** Returns the largest of the values of services; 0 if there is none. @param byPart values by the name of a part */
export function largestOfServices(byPart: Readonly<Record<string, number>>): number {
  return Math.max(0, ...Object.entries(byPart).flatMap(([name, value]) => (isService(name) ? value : [])));
}

/** Finds the processes of the system by their listening ports. */
export function findParts(stack: StackFile): Part[] {
  const ports: [string, number][] = [
    ...coreServices.map((name): [string, number] => [name, portOf(stack.services[name]!)]),
    ['kafka', Number(stack.kafka.brokers[0]!.split(':').at(-1))],
    ['postgres', portOf(stack.postgres.account!)],
  ];
  const pids = listeners();
  return [
    ...ports.map(([name, port]) => ({ name, pid: serverOf(name, pids.get(port)) })),
    { name: 'generator', pid: process.pid },
  ];
}

/** Ignores the proxy that listens for a container, whose resource usage is not the server's. */
function serverOf(name: string, pid: number | undefined): number | null {
  if (pid === undefined) return null;
  const isBacking = name === 'kafka' || name === 'postgres';
  const isItself = commandLine(pid).some((part) => part.endsWith('/postgres') || part === 'kafka.Kafka');
  return !isBacking || isItself ? pid : null;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Returns the process of each listening port, as far as this user may see it. */
function listeners(): Map<number, number> {
  const portOfSocket = new Map<string, number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of textOf(table).split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === LISTENING)
        portOfSocket.set(`socket:[${fields[9]}]`, parseInt(fields[1]!.split(':')[1]!, 16));
    }
  }
  const holders = new Map<number, Set<number>>();
  for (const pid of processIds()) {
    for (const socket of descriptorsOf(pid)) {
      const port = portOfSocket.get(socket);
      if (port !== undefined) holders.set(port, (holders.get(port) ?? new Set()).add(pid));
    }
  }
  // Children inherit the sockets of their parent: the server is the process whose parent does not hold the socket.
  return new Map(
    [...holders].flatMap(([port, pids]) => {
      const server = [...pids].find((pid) => !pids.has(statOf(pid).parent));
      return server === undefined ? [] : [[port, server]];
    }),
  );
}

/** Returns the processor seconds of the whole machine since its start, including other programs. */
export function machineCpuSeconds(): number {
  // proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = textOf('/proc/stat')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

/** Returns the processor seconds of each part since its start, including its children. */
export function cpuSeconds(parts: readonly Part[]): Record<string, number> {
  return Object.fromEntries(
    parts.flatMap(({ name, pid }) => (pid === null ? [] : [[name, withChildren(pid, name === 'postgres')]])),
  );
}

function withChildren(pid: number, hasChildren: boolean): number {
  const own = statOf(pid);
  if (!hasChildren) return own.cpuS;
  const children = processIds()
    .map(statOf)
    .filter(({ parent }) => parent === pid);
  // Children that have ended are counted in their parent.
  return own.cpuS + own.endedChildrenCpuS + children.reduce((sum, { cpuS }) => sum + cpuS, 0);
}

/** Returns the resident memory in MB (2^20 bytes); for Postgres without the memory that its processes share. */
export function memoryMegabytes(parts: readonly Part[]): Record<string, number> {
  const megabytes = (pid: number, field: RegExp): number =>
    Number(field.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
  return Object.fromEntries(
    parts.flatMap(({ name, pid }) => {
      if (pid === null) return [];
      const resident = megabytes(pid, /VmRSS:\s+(\d+)/);
      if (name !== 'postgres') return [[name, Math.round(resident)]];
      const children = processIds().filter((child) => statOf(child).parent === pid);
      const own = children.map((child) => megabytes(child, /RssAnon:\s+(\d+)/));
      return [[name, Math.round(own.reduce((sum, one) => sum + one, resident))]];
    }),
  );
}

function statOf(pid: number): { parent: number; cpuS: number; endedChildrenCpuS: number } {
  const text = textOf(`/proc/${pid}/stat`);
  // The name, in parentheses, may contain anything: fields are counted after it (proc(5): state is field 3).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3] ?? 0);
  return {
    parent: field(4),
    cpuS: (field(14) + field(15)) / TICKS_PER_SECOND,
    endedChildrenCpuS: (field(16) + field(17)) / TICKS_PER_SECOND,
  };
}

/** Returns the command line of a process, in parts. */
export function commandLine(pid: number): string[] {
  return textOf(`/proc/${pid}/cmdline`).split('\0');
}

function processIds(): number[] {
  return listOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function descriptorsOf(pid: number): string[] {
  return listOf(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      // closed in the meantime
      return [];
    }
  });
}

/** Returns an empty text if there is no file: a process can end at any time, and other systems have no /proc. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function listOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
