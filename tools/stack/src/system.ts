import type { BackingServices } from './backing-services.ts';
import type { StackFile } from './stack-file.ts';

export interface SystemOptions {
  /** where keys and trust anchors are kept */
  directory: string;
  progress: (line: string) => void;
  topicPrefix?: string;
}

export interface System {
  stackFile: StackFile;
  stop(): Promise<void>;
}

export declare function startSystem(backing: BackingServices, options: SystemOptions): Promise<System>;
