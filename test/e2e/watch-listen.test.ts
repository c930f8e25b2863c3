import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readExposition } from '../cli/exposition.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'
import { names, putRuns, until, Watcher } from './watching.js'

let receiver: OtlpReceiver
let folder: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = temporaryFolder()
})
afterEach(() => receiver.close())

/** A watcher that listens at any port, and its URL. */
async function listening(...more: readonly string[]): Promise<{ watcher: Watcher; url: string }> {
  const watcher = new Watcher(['--to', receiver.url, '--listen', '0', ...more], folder)
  await watcher.says('/livez, /readyz, /metrics')
  const [, url = ''] = /listening at (http:\S+)/.exec(watcher.stdout) ?? []
  return { watcher, url }
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url)
  await response.arrayBuffer()
  return response.status
}

async function metricsOf(url: string) {
  return readExposition(await (await fetch(`${url}/metrics`)).text())
}

describe('a watcher that listens', () => {
  it('counts what it sends, and knows after a restart how the exports stand', async () => {
    copyFileSync(SHOP, join(folder, '.rivet_state.db'))
    for (const sent of [12, 0]) {
      const { watcher, url } = await listening()
      await until(() => receiver.requests.length > 0)
      if (sent > 0) await watcher.says('empty_20261121T085506')
      const text = async () => (await fetch(`${url}/metrics`)).text()
      let metrics = await text()
      while (!metrics.includes('rivet_otel_watch_runs_waiting 0')) metrics = await text()
      expect(metrics).toContain(`rivet_otel_watch_runs_sent_total ${sent}`)
      expect(metrics).toContain('rivet_otel_watch_source_up 1')
      while (!metrics.includes('rivet_export_last_run_rows{')) metrics = await text()
      expect(metrics).toMatch(/rivet_export_last_run_rows\{export="orders"\} \d+/)
      expect(metrics).toMatch(
        /rivet_export_last_run_status\{export="chunk_boom",status="failed"\} 1/,
      )
      await metricsOf(url)
      expect([await statusOf(`${url}/livez`), await statusOf(`${url}/readyz`)]).toEqual([200, 200])
      expect((await watcher.end()).code).toBe(0)
      await expect(fetch(url)).rejects.toThrow()
    }
  })

  it('is alive and not ready while the database or the endpoint is away', async () => {
    const { watcher, url } = await listening()
    await watcher.says('does not exist')
    expect([await statusOf(`${url}/livez`), await statusOf(`${url}/readyz`)]).toEqual([200, 503])
    receiver.answer = () => ({ status: 401 })
    putRuns(join(folder, '.rivet_state.db'), names(1))
    await watcher.says('answered 401')
    const answer = await (await fetch(`${url}/readyz`)).text()
    expect(answer).toMatch(/runs cannot be delivered: .*answered 401/)
    receiver.answer = () => ({})
    await watcher.says('runs go to ')
    expect(await statusOf(`${url}/readyz`)).toBe(200)
    expect((await watcher.end()).code).toBe(0)
  })

  it('cannot listen where another does, which ends it at once, with 2', async () => {
    const args = ['watch', '--to', receiver.url, '--listen', `127.0.0.1:${receiver.port}`]
    const out = await rivetOtel(args, { cwd: folder })
    expect(out.code).toBe(2)
    expect(out.stderr).toContain('something else listens there')
  })
})
