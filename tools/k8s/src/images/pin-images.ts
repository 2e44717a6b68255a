import { isMap, isSeq, parseDocument } from 'yaml';
import { SettingError } from '@tallystick/stack';
import { imageNameOf, NO_DIGEST } from './named-images.ts';

/**
 * Writes images into the list of a kustomization, each with its registry, tag and digest. Comments stay.
 * @param text the kustomization
 * @param images `registry/name:tag@sha256:…` each
 * @returns the changed kustomization
 * @throws SettingError if an image lacks a tag or a digest, or the list has no entry for its name
 */
export function pinImages(text: string, images: readonly string[]): string {
  const document = parseDocument(text);
  const list = document.get('images');
  if (!isSeq(list)) throw new SettingError('the kustomization has no list of images');
  const entries = list.items.filter(isMap);
  for (const image of images) {
    const { name, tag, digest } = imageNameOf(image) ?? {};
    if (name === undefined || tag === undefined || digest === undefined || digest === NO_DIGEST)
      throw new SettingError(`${image}: must have the form registry/name:tag@sha256:digest`);
    const entry = entries.find((one) => {
      const known = String(one.get('name'));
      return name === known || name.endsWith(`/${known}`);
    });
    if (entry === undefined)
      throw new SettingError(
        `${image}: must be an image of ${entries.map((one) => String(one.get('name'))).join(', ')}`,
      );
    if (name === entry.get('name')) entry.delete('newName');
    else entry.set('newName', name);
    entry.set('newTag', tag);
    entry.set('digest', digest);
  }
  return document.toString({ lineWidth: 0 });
}
