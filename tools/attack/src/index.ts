export { type Attack, type Family, type Verdict } from './attack.ts';
