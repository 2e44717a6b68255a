import { describe, expect, test } from '@jest/globals';
import { NO_DIGEST } from '../src/images/named-images.ts';
import { pinImages } from '../src/images/pin-images.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const list = `# A comment.
images:
  - name: tallystick/auth
    newName: registry.example.com/tallystick/auth
    newTag: 0.1.0
    digest: ${NO_DIGEST}
  # Another comment.
  - name: jaegertracing/jaeger
    newTag: 2.13.0
    digest: ${NO_DIGEST}
`;

describe('the images of a permanent installation', () => {
  test('are pinned with registry, tag and digest, and keep their comments', () => {
    const pinned = pinImages(list, [
      `registry:5000/tallystick/auth:0.2.0@${DIGEST}`,
      `jaegertracing/jaeger:2.14.0@${DIGEST}`,
    ]);
    expect(pinned).toBe(`# A comment.
images:
  - name: tallystick/auth
    newName: registry:5000/tallystick/auth
    newTag: 0.2.0
    digest: ${DIGEST}
  # Another comment.
  - name: jaegertracing/jaeger
    newTag: 2.14.0
    digest: ${DIGEST}
`);
  });

  test.each([
    ['without a digest', 'jaegertracing/jaeger:2.14.0'],
    ['without a tag', `jaegertracing/jaeger@${DIGEST}`],
    ['with the digest of no image', `jaegertracing/jaeger:2.14.0@${NO_DIGEST}`],
  ])('are not pinned %s', (_what, image) => {
    expect(() => pinImages(list, [image])).toThrow(/must have the form/);
  });

  test('are not pinned under an unknown name', () => {
    expect(() => pinImages(list, [`jaeger:2.14.0@${DIGEST}`])).toThrow(
      'must be an image of tallystick/auth, jaegertracing/jaeger',
    );
  });
});
