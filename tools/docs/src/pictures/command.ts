import { buildCommand } from '@stricli/core';
import { checkedBy, directoryFlag } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export interface PicturesFlags {
  directory: string;
  /** path of a Chromium */
  browser: string;
  /** folder for the pictures */
  to: string;
}

const path = (what: string) => checkedBy(z.string().min(1, `must name a ${what}`));

export const picturesCommand = buildCommand<PicturesFlags>({
  loader: async () => (await import('./main.ts')).pictures,
  parameters: {
    flags: {
      directory: directoryFlag('.tallystick'),
      browser: {
        kind: 'parsed',
        parse: path('program'),
        placeholder: 'path',
        brief: 'Chromium that opens the pages',
      },
      to: {
        kind: 'parsed',
        parse: path('folder'),
        placeholder: 'path',
        brief: 'Folder for the pictures',
        default: '.tallystick/pictures',
      },
    },
  },
  docs: {
    brief: 'Take pictures of the console of a running stack',
    fullDescription: `Signs in as an operator of the stack and takes a picture of each page in the navigation, and of the first thing that each
list leads to: on a desktop and a phone, light and dark. Start the stack before, and pay something:

npm run stack
npx tallystick load --stack .tallystick/stack.json --seconds 60 --rate 20 --accounts 100
npx tallystick pictures --browser "$(command -v chromium)"

Exit status: 0 if every picture is taken, 1 if a page failed, 2 for a wrong flag or without a stack with a console.`,
  },
});
