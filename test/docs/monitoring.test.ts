import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { MOST_EXPORTS } from '../../src/cli/metrics/last-runs.js'
import { WatchMetrics } from '../../src/cli/watch-metrics.js'
import { readExposition } from '../cli/exposition.js'
import { shopJournals } from '../journal/example-journals.js'

const FILE = new URL('../../docs/monitoring.md', import.meta.url)
const PAGE = readFileSync(FILE, 'utf8')

const TABLE = [...PAGE.matchAll(/^\| `([a-z_]+)` \| (\w+) \| (.*?)\| (.+) \|$/gm)].map(
  ([, name, type, labels = '', help]) => ({
    ...{ name, type, help },
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  }),
)

it('docs/monitoring.md lists every metric with its type, labels and meaning, and no other', async () => {
  const metrics = new WatchMetrics()
  for (const journal of shopJournals()) metrics.observe({ kind: 'journal', journal })
  for (const kind of ['source', 'target'] as const) metrics.observe({ kind, isThere: true })
  metrics.observe({ kind: 'look', waiting: 0 })
  const told = [...readExposition(await metrics.text()).values()].map(
    ({ name, type, help, samples }) => ({
      ...{ name, type, help },
      labels: Object.keys(samples[0]?.labels ?? {}),
    }),
  )
  const byName = (a: { name?: string | undefined }, b: typeof a) =>
    (a.name ?? '') < (b.name ?? '') ? -1 : 1
  expect(TABLE.sort(byName)).toEqual(told.sort(byName))
})

it('docs/monitoring.md explains every reason, and links to files that exist', async () => {
  const metrics = readExposition(await new WatchMetrics().text())
  for (const { labels } of metrics.get('rivet_otel_watch_runs_rejected_total')?.samples ?? [])
    expect(PAGE).toContain(`\`${labels.reason}\`, `)
  expect(PAGE).toContain(`The first ${MOST_EXPORTS.toLocaleString('en')} exports`)
  const links = [...PAGE.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(3)
  for (const link of links) expect(existsSync(new URL(link, FILE)), link).toBe(true)
})
