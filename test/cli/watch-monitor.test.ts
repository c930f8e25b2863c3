import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { monitorWatch } from '../../src/cli/watch-monitor.js'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import { closing } from '../http/answering-server.js'
import { newFolder, SHOP } from '../sources/places.js'
import { readExposition, valueIn } from './exposition.js'

const ORDERS = { export: 'orders', status: 'success' }

async function monitor(file: string) {
  const monitored = closing(
    await monitorWatch({
      listen: { host: '127.0.0.1', port: 0 },
      everyMs: 5000,
      open: () => openSqliteSource(file),
      say: () => {},
    }),
  )
  const metrics = async () => readExposition(await (await fetch(`${monitored.url}/metrics`)).text())
  const status = async () => valueIn(await metrics(), 'rivet_export_last_run_status', ORDERS)
  const ready = async () => (await fetch(`${monitored.url}/readyz`)).status
  return { monitored, metrics, status, ready }
}

it('a monitored watcher tells of each export before any run came, and counts none of them', async () => {
  const { metrics, status } = await monitor(SHOP)
  await vi.waitFor(async () => expect(await status()).toBe(1), { timeout: 20_000 })
  expect(valueIn(await metrics(), 'rivet_otel_watch_runs_seen_total')).toBe(0)
})

it('a monitored watcher finds out how the exports stood when the state database comes back', async () => {
  const file = join(newFolder(), '.rivet_state.db')
  const { monitored, status, ready } = await monitor(file)
  expect(await ready()).toBe(503)
  monitored.observe({ kind: 'source', isThere: false, problem: 'there is no such file' })
  monitored.observe({ kind: 'look', waiting: 0 })
  expect([await status(), await ready()]).toEqual([undefined, 503])
  copyFileSync(SHOP, file)
  monitored.observe({ kind: 'source', isThere: true })
  monitored.observe({ kind: 'look', waiting: 0 })
  await vi.waitFor(
    async () => {
      monitored.observe({ kind: 'look', waiting: 0 })
      expect(await status()).toBe(1)
    },
    { timeout: 20_000 },
  )
  expect(await ready()).toBe(200)
})

it('a monitored watcher ends while it still finds out how the exports stood', async () => {
  const { monitored } = await monitor(SHOP)
  await monitored.close()
  await expect(fetch(monitored.url)).rejects.toThrow('fetch failed')
})
