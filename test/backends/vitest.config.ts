import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { backendsAvailable } from './build.mjs'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))

if (!backendsAvailable()) {
  console.log(
    'UNCHECKED: all tests against a real Jaeger and a real Tempo; node test/backends/build.mjs builds them, or says why not',
  )
}

// `test/**/*.real.ts`: tests against real programs that build.mjs builds, or that are installed. They are no part of `npm test`.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
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
    include: ['test/**/*.real.ts'],
    pool: 'forks',
    // Each file starts programs of its own, which want the machine too.
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 180_000,
    retry: 0,
  },
})
