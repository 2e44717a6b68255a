import type { Manifest } from '../manifest.ts';
import { containersOf, ofKind, specOf, workloadsOf } from '../workload.ts';

/** The digest of no image: it marks one that is not pinned yet. */
export const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

/** The place of a manifest that names an image. */
export interface NamedImage {
  on: Manifest;
  /** The container, or the field of an operator's kind. */
  place: string;
  image: string;
}

interface KafkaSpec {
  kafka: { image?: string };
  kafkaExporter?: { image?: string };
  entityOperator?: { topicOperator?: { image?: string }; userOperator?: { image?: string } };
}

/** Returns the images of containers, and those that operators run for their kinds; an absent name is empty. */
export function namedImages(manifests: readonly Manifest[]): NamedImage[] {
  const containers = workloadsOf(manifests).flatMap((workload) =>
    containersOf(workload).map(({ name, image = '' }) => ({ on: workload.manifest, place: name, image })),
  );
  const databases = ofKind(manifests, 'Cluster').map((on) => ({
    on,
    place: 'imageName',
    image: specOf<{ imageName?: string }>(on).imageName ?? '',
  }));
  const brokers = ofKind(manifests, 'Kafka').flatMap((on) => {
    const { kafka, kafkaExporter, entityOperator } = specOf<KafkaSpec>(on);
    const { topicOperator, userOperator } = entityOperator ?? {};
    return Object.entries({ kafka, kafkaExporter, topicOperator, userOperator }).flatMap(([place, part]) =>
      part === undefined ? [] : [{ on, place, image: part.image ?? '' }],
    );
  });
  return [...containers, ...databases, ...brokers];
}

const NAME = /^(?<name>[^\s@]+?)(:(?<tag>\w[\w.-]*))?(@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** The parts of an image's name. */
export interface ImageName {
  name: string;
  tag: string | undefined;
  digest: string | undefined;
}

/** Splits the name of an image; `undefined` if it is none. */
export function imageNameOf(image: string): ImageName | undefined {
  const parts = NAME.exec(image)?.groups;
  return parts === undefined
    ? undefined
    : { name: parts['name']!, tag: parts['tag'], digest: parts['digest'] };
}
