export { type Attack, type Family, type Verdict } from './attack.ts';
export { openTarget } from './target/open-target.ts';
