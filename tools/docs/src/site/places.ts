import { join } from 'node:path';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

const PROJECT = join(ROOT, 'docs', 'site');

/** Folders of the Astro project. All but the project itself are derived. */
export const places = {
  project: PROJECT,
  /** The pages, as Astro reads them. */
  content: join(PROJECT, 'src', 'content', 'docs'),
  /** Files that the site serves as they are. */
  files: join(PROJECT, 'public'),
  sidebar: join(PROJECT, 'src', 'sidebar.json'),
  built: join(PROJECT, 'dist'),
} as const;
