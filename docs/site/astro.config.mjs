import { readFileSync } from 'node:fs';
import { satteri } from '@astrojs/markdown-satteri';
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';

// `npx tallystick docs` writes it with the pages.
const sidebar = JSON.parse(readFileSync(new URL('./src/sidebar.json', import.meta.url), 'utf8'));

export default defineConfig({
  trailingSlash: 'always',
  // Two hyphens are two hyphens: flags stand in the text.
  markdown: { processor: satteri({ features: { smartPunctuation: false } }) },
  // Scripts in files of their own satisfy a strict policy.
  vite: { build: { assetsInlineLimit: 0 } },
  integrations: [
    starlight({
      title: 'Tallystick',
      description: 'A payment core that trusts no message',
      sidebar,
      customCss: ['./src/styles/site.css'],
      // Code does not scroll sideways on a phone.
      expressiveCode: { defaultProps: { wrap: true } },
      lastUpdated: false,
      pagination: true,
      tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
    }),
  ],
});
