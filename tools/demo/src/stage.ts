import type { StackFile } from '@tallystick/stack';
import type { TraceLinks } from './story/trace.ts';

/** A system on which the demo runs. */
export interface Stage {
  stack: StackFile;
  traces: TraceLinks;
  /** A hint for a person who wants to continue. */
  remains: string;
  /** Whether the system ends with this process. */
  isOurs: boolean;
  stop(): Promise<void>;
}
