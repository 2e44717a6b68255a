import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { unlessMissing } from '../errors.ts';

const TAIL_BYTES = 8_192;

/**
 * The end of a log file.
 *
 * @param path the file
 * @param fromByte where the interesting part begins: what an earlier start wrote is left out
 * @param lineCount how many lines at most
 * @returns the lines, or an empty text when there are none
 */
export function logTail(path: string, fromByte: number, lineCount: number): string {
  const file = unlessMissing(() => openSync(path, 'r'), null);
  if (file === null) return '';
  try {
    const size = fstatSync(file).size;
    const start = Math.max(fromByte, size - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(file, buffer, 0, buffer.length, start);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lineCount).join('\n');
  } finally {
    closeSync(file);
  }
}
