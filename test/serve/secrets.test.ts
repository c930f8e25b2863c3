import { describe, expect, it } from 'vitest'
import { found, putSecretsBeside, ROWS } from '../e2e/planted-secrets.js'
import { insert, openToWrite, shopCopy } from '../sources/places.js'
import { eventsOf, runsUntil, serving } from './serving.js'

describe('the passwords that rivet wrote down', () => {
  it('reach nobody, by whatever way a run is asked for', async () => {
    const file = shopCopy()
    const database = openToWrite(file)
    for (const row of ROWS) insert(database, row)
    putSecretsBeside(database)
    database.close()
    const { url, said, index } = await serving({ from: file })
    const events = await eventsOf(url)
    const { runs, problems } = await runsUntil(url, ({ runs }) => runs.length > 14)
    await runsUntil(url, ({ problems }) => problems.length > 4)
    expect(problems.length).toBeGreaterThan(4)
    const answers = [JSON.stringify(await runsUntil(url, () => true)), events.text, said.join()]
    const ids = [...runs.map(({ run_id }) => run_id), ...ROWS.map(({ run_id }) => run_id)]
    for (const id of new Set(ids)) {
      const name = encodeURIComponent(id)
      for (const path of [
        `/api/run?run_id=${name}`,
        `/report?run_id=${name}`,
        `/api/diff?a=${name}&b=${name}`,
      ]) {
        const response = await fetch(url + path)
        answers.push(await response.text(), JSON.stringify([...response.headers]))
      }
    }
    expect(answers.some((text) => text.includes('***'))).toBe(true)
    expect(answers.filter((text) => found(text).length > 0)).toEqual([])
    expect(index.runs().length).toBe(runs.length)
  })
})
