import { describe, expect, test } from '@jest/globals';
import { checkManifests } from '../src/check-manifests.ts';
import type { Manifest, Violation } from '../src/manifest.ts';
import { allRules, rulesFor } from '../src/rules/index.ts';
import { createValidator } from '../src/schemas/validate.ts';
import { edgeCases } from './edge-cases.ts';
import { podCases } from './pod-cases.ts';
import { broken, container, payment, pod, sound } from './sound.ts';
import { storeCases } from './store-cases.ts';

const validate = createValidator();
const rules = allRules();
const cases = [...podCases, ...edgeCases, ...storeCases];

function check(manifests: readonly Manifest[]): Violation[] {
  return checkManifests(manifests, validate, rules);
}

test('a sound installation has no violations', () => {
  expect(check(sound())).toEqual([]);
});

describe('the schemas', () => {
  test.each<[string, Manifest[], string]>([
    [
      'an unknown field of a kind',
      payment((one) => (pod(one).terminationGracePeriod = 30)),
      '/spec/template/spec/terminationGracePeriod is not a field of apps/v1/Deployment',
    ],
    [
      'a number where text belongs',
      payment((one) => (container(one).image = 7)),
      '/spec/template/spec/containers/0/image must be string',
    ],
    [
      'a missing required field',
      payment((one) => delete one.spec.selector),
      "/spec must have required property 'selector'",
    ],
    [
      'an unknown field of an operator',
      broken('KafkaTopic', 'payment.events.v1', (one) => (one.spec.partition = 3)),
      '/spec/partition is not a field of kafka.strimzi.io/v1/KafkaTopic',
    ],
    [
      'an unknown kind',
      broken('PriorityClass', 'high', (one) => (one.apiVersion = 'scheduling.k8s.io/v1beta1')),
      'no schema for scheduling.k8s.io/v1beta1/PriorityClass; npx tallystick k8s schemas imports it',
    ],
  ])('catch %s', (_what, manifests, message) => {
    expect(check(manifests)).toContainEqual({ rule: 'schema', resource: expect.any(String), message });
  });
});

describe('the rules', () => {
  test.each(cases)('%s: %s', (rule, message, manifests) => {
    expect(check(manifests)).toContainEqual({ rule, resource: expect.any(String), message });
  });

  test('are each violated at least once', () => {
    expect(new Set(cases.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });
});

test('only an installation on one node may have images without digests', () => {
  const namesFor = (overlay: string) => rulesFor(overlay).map(({ name }) => name);
  expect(namesFor('production')).toEqual(rules.map(({ name }) => name));
  expect(namesFor('local')).toEqual(namesFor('production').filter((name) => name !== 'digests'));
});
