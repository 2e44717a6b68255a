import { imageNameOf, namedImages } from '../images/named-images.ts';
import type { Rule } from '../manifest.ts';
import { containersOf, workloadsOf } from '../workload.ts';

/** Requires image names with a fixed meaning for people. */
export const images: Rule = {
  name: 'images',
  states: 'each image has a tag other than "latest"',
  check: (manifests) =>
    workloadsOf(manifests).flatMap((workload) =>
      containersOf(workload)
        .filter(({ image = '' }) => {
          const tag = imageNameOf(image)?.tag;
          return tag === undefined || tag === 'latest';
        })
        .map(({ name, image }) => ({
          on: workload.manifest,
          message: `${name}: the image ${image} has no version tag`,
        })),
    ),
};

/** Requires image names with a fixed content: a registry, or its thief, may give a tag to another image. */
export const digests: Rule = {
  name: 'digests',
  states: 'on a permanent cluster each image is named by its digest, those of operators too',
  check: (manifests) =>
    namedImages(manifests)
      .filter(({ image }) => imageNameOf(image)?.digest === undefined)
      .map(({ on, place, image }) => ({
        on,
        message: `${place}: the image ${image || 'of the operator'} has no digest`,
      })),
};
