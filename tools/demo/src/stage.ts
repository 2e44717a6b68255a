import type { StackFile } from '@tallystick/stack';
import type { TraceLinks } from './story/trace.ts';

/** A system that the story is told on. */
export interface Stage {
  stack: StackFile;
  traces: TraceLinks;
  /** What remains for whoever wants to go on. */
  remains: string;
  /** Whether this process must stay for the system to stay. */
  isOurs: boolean;
  stop(): Promise<void>;
}
