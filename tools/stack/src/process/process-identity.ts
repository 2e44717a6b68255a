import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { types } from 'node:util';

import { systemErrorCode, unlessMissing } from '../errors.ts';

/**
 * When a process started, in a form that no other process with the same pid can have: a pid is used again after its
 * process ended, so a pid alone is never enough to signal it.
 *
 * @param pid the process
 * @returns the boot and the tick of its start on Linux, what `ps` says elsewhere; null when no such process lives
 */
export function startTimeOf(pid: number): string | null {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

function startTimeFromProc(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    // ESRCH: the process ended between the opening and the reading
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ESRCH') return null;
    throw error;
  }
  // proc(5): the name in parentheses may hold spaces, so the fields are counted after it; 1 is state, 20 is starttime
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return `${bootId()}/${fields[19]}`;
}

function bootId(): string {
  return unlessMissing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), 'boot');
}

function startTimeFromPs(pid: number): string | null {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text === '' ? null : text;
  } catch (error) {
    // ps ends with 1 when there is no such process
    if (types.isNativeError(error) && 'status' in error && error.status === 1) return null;
    throw error;
  }
}

/** Whether the process that had this pid and start time still lives. */
export function isAlive(pid: number, startTime: string): boolean {
  return startTimeOf(pid) === startTime;
}

/** This process, as `isAlive` asks for it. */
export function ownIdentity(): { pid: number; startTime: string } {
  const startTime = startTimeOf(process.pid);
  if (startTime === null) throw new Error('this process has no start time');
  return { pid: process.pid, startTime };
}

/** The world in which a pid means something: this host and, on Linux, its pid namespace. */
export function pidWorld(): string {
  const namespace =
    process.platform === 'linux' ? unlessMissing(() => readlinkSync('/proc/self/ns/pid'), '') : '';
  return `${hostname()} ${namespace}`.trim();
}

/**
 * Signals a process and all in its group.
 *
 * @returns false when it is no longer there
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
    throw error;
  }
}
