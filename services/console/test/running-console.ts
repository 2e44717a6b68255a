import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackingServices, startSystem, type System } from '@tallystick/stack';
import { environmentOfTestRun } from '@tallystick/stack/testing';
import { Browser, type Shown } from './browser.ts';

type Operator = System['stackFile']['operators'][number];

/** The whole system with the console, on the Kafka and Postgres of the test run. */
export interface RunningConsole {
  system: System;
  url: string;
  /** Finds an operator of the stack by name. */
  operator(name: string): Operator;
  /** Signs an operator in, from a page of the console. @returns what the browser shows then */
  signIn(browser: Browser, name?: string, path?: string): Promise<Shown>;
  stop(): Promise<void>;
}

export async function runConsole(): Promise<RunningConsole> {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-console-'));
  const backing = await startBackingServices({ directory, progress: () => {}, env: environmentOfTestRun() });
  const system = await startSystem(backing, { directory, progress: () => {}, console: true });
  const { operators, services } = system.stackFile;
  const url = services.console!;
  const operator = (name: string): Operator => {
    const found = operators.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no operator ${name}`);
    return found;
  };
  return {
    system,
    url,
    operator,
    async signIn(browser, name = 'Olivia', path = '/') {
      const page = await browser.open(url + path);
      const { email, password } = operator(name);
      return browser.submit(page, page.url.pathname, { email, password });
    },
    async stop() {
      await system.stop();
      await backing.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
