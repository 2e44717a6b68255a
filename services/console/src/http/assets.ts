import { asset } from '@tallystick/pages';
import { liveScript } from './script.ts';
import { stylesheet } from './style/stylesheet.ts';

/** The stylesheet of the console. */
export const style = asset('/assets', 'css', stylesheet);
/** The script that keeps live parts of pages current. */
export const script = asset('/assets', 'js', liveScript);
