import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signInCustomer, type ApiClient } from '@tallystick/demo';
import { startBackingServices, startSystem, type System } from '@tallystick/stack';
import { environmentOfTestRun } from '@tallystick/stack/testing';
import { Browser, type Shown } from '@tallystick/pages/testing';

type Operator = System['stackFile']['operators'][number];

/** A service may declare its contracts just after the console read those of all services; it reads again after 30 s. */
export const RELEASES_KNOWN_WITHIN_MS = 60_000;

/** The whole system with the console. */
export interface RunningConsole {
  system: System;
  url: string;
  /** Finds an operator of the stack by name. */
  operator(name: string): Operator;
  /** Signs an operator in, from a page of the console. @returns what the browser shows then */
  signIn(browser: Browser, name?: string, path?: string): Promise<Shown>;
  /** Returns a client that acts as the first customer of the stack. */
  customer(): Promise<ApiClient>;
}

/** A console whose system ends with it. */
export interface StartedConsole extends RunningConsole {
  stop(): Promise<void>;
}

const CUSTOMER_SCOPE =
  'openid accounts:read accounts:write cards:read cards:write payments:write payments:read';

/** Starts the system with its console on the Kafka and Postgres of the test run. */
export async function runConsole(): Promise<StartedConsole> {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-console-'));
  const backing = await startBackingServices({ directory, progress: () => {}, env: environmentOfTestRun() });
  const system = await startSystem(backing, { directory, progress: () => {}, console: true });
  return {
    ...consoleOf(system),
    async stop() {
      await system.stop();
      await backing.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Returns the console of a system, with ways to sign in. */
export function consoleOf(system: System): RunningConsole {
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
    async customer() {
      const { client } = await signInCustomer(
        system.stackFile,
        system.stackFile.customers[0]!,
        CUSTOMER_SCOPE,
      );
      return client;
    },
  };
}
