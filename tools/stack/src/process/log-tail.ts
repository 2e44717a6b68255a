import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { unlessMissing } from '../errors.ts';

const TAIL_BYTES = 8_192;

/**
 * Returns the end of a log file.
 *
 * @param path the file
 * @param fromByte offset to start from: output of an earlier start is left out
 * @param lineCount maximum number of lines
 * @returns the lines, or an empty text if there are none
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
