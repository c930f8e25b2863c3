import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const dist = fileURLToPath(new URL('../dist', import.meta.url))

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  // Bundles: there is no source of the same name.
  resolve: {
    alias: [
      {
        find: /^(?:\.\.\/)+(?:src\/)?page\/(assets|render)\.js$/,
        replacement: `${dist}/page/$1.js`,
      },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Processes, not threads: tests change their folder and environment, start programs and load native modules.
    globalSetup: ['test/temporary-files.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    // Property tests take as long as they have cases.
    testTimeout: process.env.RIVET_OTEL_PROPERTY_CASES === undefined ? 30_000 : 600_000,
    hookTimeout: 30_000,
    retry: 0,
  },
})
