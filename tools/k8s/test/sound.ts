import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifests, type Manifest } from '../src/manifest.ts';

const text = readFileSync(join(import.meta.dirname, 'sound.yaml'), 'utf8');

/** The test that breaks a manifest knows its content. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

/** A violated rule, its message, and the installation that violates it. */
export type Case = [rule: string, message: string, manifests: Manifest[]];

/** Returns a fresh copy of the sound installation. */
export const sound = (): Manifest[] => parseManifests(text);

/** Returns a fresh copy of the sound installation with one resource broken. */
export function broken(kind: string, name: string, breakIt: (resource: Loose) => void): Manifest[] {
  const manifests = sound();
  const resource = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (resource === undefined) throw new Error(`sound.yaml has no ${kind} ${name}`);
  breakIt(resource);
  return manifests;
}

/** Returns a copy without one resource. */
export function without(kind: string, name: string): Manifest[] {
  return sound().filter((one) => one.kind !== kind || one.metadata.name !== name);
}

export const pod = (resource: Loose): Loose => resource.spec.template.spec;
export const container = (resource: Loose): Loose => pod(resource).containers[0];
export const payment = (breakIt: (deployment: Loose) => void): Manifest[] =>
  broken('Deployment', 'payment', breakIt);
