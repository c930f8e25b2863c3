import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backendsAvailable } from '../backends/build.mjs'
import { startJaeger, startTempo } from '../backends/run-backends.js'
import { newFolder } from '../delivery/temporary-folder.js'
import { startDeployedCollector } from '../deploy/run-deployed.js'
import { rivetOtel, SHOP } from '../e2e/command-line.js'
import { fenced } from './backends-document.js'

const RECIPES = ['Jaeger', 'Tempo', 'A collector'] as const

// As they stand, but for the addresses; in a folder with rivet's state database.
describe.skipIf(!backendsAvailable())('the recipes of docs/backends.md', () => {
  const addresses = new Map<string, Readonly<Record<string, string>>>()
  const stops: (() => unknown)[] = []
  const folder = newFolder()

  beforeAll(async () => {
    copyFileSync(SHOP, join(folder, '.rivet_state.db'))
    const [jaeger, tempo] = await Promise.all([startJaeger(), startTempo()])
    const collector = await startDeployedCollector({
      jaeger: jaeger.otlpHttp,
      tempo: tempo.otlpHttp,
    })
    stops.push(jaeger.stop, tempo.stop, collector.stop)
    const read = { 'http://localhost:16686': jaeger.query, 'http://localhost:3200': tempo.query }
    const to = { Jaeger: jaeger, Tempo: tempo, 'A collector': collector }
    for (const recipe of RECIPES) {
      addresses.set(recipe, { ...read, 'http://localhost:4318': to[recipe].otlpHttp })
    }
  })
  afterAll(() => Promise.all(stops.map((stop) => stop())))

  const commands = RECIPES.flatMap((recipe) =>
    fenced('sh', recipe)
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.startsWith('rivet-otel '))
      .map((line) => [recipe, line] as const),
  )

  it.each(commands)('%s: %s', async (recipe, line) => {
    const here = Object.entries(addresses.get(recipe) ?? {}).reduce(
      (text, [published, real]) => text.replaceAll(published, real),
      line.replace('journals.jsonl', join(newFolder(), 'journals.jsonl')),
    )
    const [, ...args] = here.split(' ')
    const { code, stderr } = await rivetOtel(args, { cwd: folder })
    expect({ code, stderr }).toMatchObject({ code: 0 })
  })
})
