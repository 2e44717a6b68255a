/** A page of the site. */
export interface Page {
  /** Its address without slashes at the ends; empty for the first page. */
  slug: string;
  title: string;
  /** One sentence, for search engines. */
  description: string;
  /** Markdown without its title; `mdx` may use components. */
  body: string;
  format: 'md' | 'mdx';
  /** Its name in the sidebar; the title unless given. */
  label?: string;
  /** Further front matter of Starlight. */
  settings?: Readonly<Record<string, unknown>>;
}

/** A part of the sidebar. */
export interface Section {
  label: string;
  entries: readonly (Page | Section)[];
  /** Closed until somebody opens it. */
  collapsed?: boolean;
}

/** Lists the pages of sections, in the order of the sidebar. */
export function pagesOf(sections: readonly Section[]): Page[] {
  return sections.flatMap(({ entries }) =>
    entries.flatMap((entry) => ('entries' in entry ? pagesOf([entry]) : [entry])),
  );
}
