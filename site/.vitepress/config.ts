import { defineConfig } from 'vitepress'
import { sidebar } from '../sidebar.ts'

export default defineConfig({
  title: 'Hallpass',
  description: 'Limited, short-lived tokens for AI agents and scripts instead of your API keys',
  srcDir: 'pages',
  outDir: 'dist',
  rewrites: { 'README.md': 'index.md', 'docs/README.md': 'docs/index.md' },
  cleanUrls: true,
  // A page can link to the folder of decisions and to the license, which are no pages.
  ignoreDeadLinks: [/decisions\/(?:index)?$/, /LICENSE/],
  markdown: {
    // Names in angle brackets are text. The pages contain no HTML but comments.
    html: false,
    config: (md) =>
      void md.core.ruler.before('normalize', 'comments', (state) => {
        state.src = state.src.replace(/<!--[\s\S]*?-->/g, '')
      }),
  },
  themeConfig: {
    search: { provider: 'local' },
    nav: [{ text: 'Documentation', link: '/docs/' }],
    sidebar: sidebar(),
    outline: [2, 3],
  },
})
