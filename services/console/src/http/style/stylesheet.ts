import { forms } from './forms.ts';
import { foundation } from './foundation.ts';
import { frame } from './frame.ts';
import { figuresStyle } from './figures.ts';
import { parts } from './parts.ts';

/** The whole style of the console: colours and type, the frame of a page, and its parts. */
export const stylesheet = foundation + frame + parts + forms + figuresStyle;
