import { printJson, program, say, type ExitStatus } from '@tallystick/stack';
import { buildImages, megabytes, type Report } from './build-images.ts';
import type { ImagesFlags } from './command.ts';

/** Runs `tallystick images`. */
export const images = program(async (flags: ImagesFlags): Promise<ExitStatus> => {
  const report = await buildImages(flags, say);
  if (flags.json === true) printJson(report);
  else process.stdout.write(tableOf(report));
  for (const fault of report.faults) say(fault);
  return report.faults.length === 0 ? 0 : 1;
});

function tableOf({ images }: Report): string {
  const rows = [
    ['image', 'size', 'above base', 'took', 'twice alike'],
    ...images.map(({ image, bytes, bytesAboveBase, seconds, isReproducible }) => [
      image,
      megabytes(bytes),
      megabytes(bytesAboveBase),
      `${seconds} s`,
      isReproducible === null ? 'not tried' : isReproducible ? 'yes' : 'no',
    ]),
  ];
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows
    .map(
      (row) =>
        row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ') +
        '\n',
    )
    .join('');
}
