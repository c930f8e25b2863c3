import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import {
  expectAllDelivered,
  expectOneOutcomeEach,
  manyPages,
  send,
} from '../contracts/delivery-contract.js'
import { exportTo, newFile, spansInFile, written } from './otlp-files.js'

describe('a damaged file', () => {
  it('loses a last line that was cut, and says so', async () => {
    const pages = manyPages(3)
    const whole = await written(pages)
    const path = newFile(whole.subarray(0, -100))
    const { notices } = await exportTo(path, pages)
    const lost = whole.length - 100 - (whole.lastIndexOf(10, -2) + 1)
    expect(notices).toEqual([
      `FILE line 3 was cut off in the middle; its ${lost} bytes were taken off`,
    ])
    expect(readFileSync(path).equals(whole)).toBe(true)
  })

  it('keeps a last line that only lacks its newline', async () => {
    const pages = manyPages(2)
    const whole = await written(pages)
    const path = newFile(whole.subarray(0, -1))
    const { outcomes, notices } = await exportTo(path, pages)
    expect(outcomes.map(({ present }) => present)).toEqual([2, 2])
    expect(notices).toEqual([])
    expect(readFileSync(path).equals(whole)).toBe(true)
  })

  it('is left as it is when it is only opened', async () => {
    const cut = (await written(manyPages(2))).subarray(0, -10)
    const path = newFile(cut)
    await (await openOtlpFile(path)).close()
    expect(readFileSync(path).equals(cut)).toBe(true)
  })

  it('keeps a line in the middle that is no OTLP, and says so', async () => {
    const [first = '', second = ''] = (await written(manyPages(2))).toString().split('\n')
    const content = `${first}\n{"resourceSpans":[{"cut\n[1]\n\n{"resourceLogs":[]}\n\uFFFF\n${second}\n`
    const path = newFile(content)
    const { outcomes, notices } = await exportTo(path, manyPages(3))
    expect(outcomes.map(({ present }) => present)).toEqual([2, 2, 0])
    expect(notices).toEqual([
      'FILE line 2 is no JSON; it is left as it is',
      'FILE line 3 is no OTLP; it is left as it is',
      'FILE line 6 is no JSON; it is left as it is',
    ])
    expect(readFileSync(path, 'utf8').startsWith(content)).toBe(true)
  })

  it('keeps the lines of a collector, whatever their ends and their shape', async () => {
    const [line = ''] = (await written(manyPages(1))).toString().split('\n')
    const upper = line.replace(/"(traceId|spanId|parentSpanId)":"[^"]*"/g, (id) =>
      id.replace(/:"[^"]*"/, (hex) => hex.toUpperCase()),
    )
    expect(upper).not.toBe(line)
    const path = newFile(`${upper}\r\n`)
    const { outcomes } = await exportTo(path, manyPages(1))
    expect(outcomes[0]?.present).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe(`${upper}\r\n`)
  })
})

describe('a file that others write, too', () => {
  it('keeps a last line that somebody is still writing', async () => {
    const pages = manyPages(3)
    const whole = await written(pages)
    const path = newFile(whole.subarray(0, -100))
    let rest = whole.subarray(-100)
    const { outcomes, notices } = await exportTo(path, pages, {
      sleep: async () => {
        appendFileSync(path, rest.subarray(0, 60))
        rest = rest.subarray(60)
      },
    })
    expect(outcomes.map(({ present }) => present)).toEqual([2, 2, 2])
    expect(notices).toEqual([])
    expect(readFileSync(path).equals(whole)).toBe(true)
  })

  it('is not touched while somebody never stops writing', async () => {
    const pages = manyPages(3)
    const path = newFile((await written(pages)).subarray(0, -100))
    const { outcomes } = await exportTo(path, pages, {
      sleep: async () => appendFileSync(path, 'x'),
    })
    expectOneOutcomeEach(outcomes, pages)
    for (const { unsent, problem } of outcomes) {
      expect(unsent).toBe(2)
      expect(problem).toEqual({
        kind: 'rejected',
        isPlace: true,
        message: `${path} cannot be written: another program is writing to it`,
      })
    }
  })

  it('is read again where a line was added meanwhile', async () => {
    const path = newFile()
    const [first, second, third] = manyPages(3)
    if (!first || !second || !third) throw new Error('three pages were expected')
    const delivery = await openOtlpFile(path)
    await send(delivery, [first])
    await exportTo(path, [second, third])
    const outcomes = await send(delivery, [third, second, first])
    expect(outcomes.map(({ present }) => present)).toEqual([2, 2, 2])
    expect(await delivery.held('', third.runId)).toHaveLength(1)
    await delivery.close()
  })

  it('is read again where a line was added in the very moment of adding one', async () => {
    const path = newFile()
    const [first, second, third] = manyPages(3)
    if (!first || !second || !third) throw new Error('three pages were expected')
    const foreign = await written([second])
    const addedWhileEncoding = {
      ...first.trace,
      get resource() {
        appendFileSync(path, foreign)
        return second.trace.resource
      },
    }
    const pages = [{ ...first, trace: addedWhileEncoding }, second, third]
    const { outcomes, notices } = await exportTo(path, pages)
    expect(outcomes.map(({ present }) => present)).toEqual([0, 2, 0])
    expect(notices).toEqual([])
    expect(spansInFile(path)).toHaveLength(6)
  })

  it('is read anew where somebody emptied it', async () => {
    const path = newFile()
    const pages = manyPages(3)
    const delivery = await openOtlpFile(path)
    await send(delivery, pages)
    writeFileSync(path, '')
    expectAllDelivered(await send(delivery, pages), pages)
    await delivery.close()
    expect(spansInFile(path)).toHaveLength(6)
  })

  it('is not written to under another name after it was moved away', async () => {
    const path = newFile()
    const pages = manyPages(3)
    const delivery = await openOtlpFile(path)
    const movedAfterOne = async function* () {
      yield* pages.slice(0, 1)
      renameSync(path, `${path}.old`)
      yield* pages.slice(1)
    }
    const outcomes = []
    for await (const outcome of delivery.send(movedAfterOne())) outcomes.push(outcome)
    await delivery.close()
    expectOneOutcomeEach(outcomes, pages)
    expect(outcomes.map(({ delivered }) => delivered)).toEqual([2, 0, 0])
    expect(outcomes[1]?.problem?.message).toBe(
      `${path} cannot be written: it was moved or removed while it was being written`,
    )
    expect(spansInFile(`${path}.old`)).toHaveLength(2)
  })

  it.each([
    ['moved away', (path: string) => renameSync(path, `${path}.old`)],
    ['removed', (path: string) => rmSync(path)],
    [
      'replaced by one with something in it',
      (path: string) => {
        renameSync(path, `${path}.old`)
        copyFileSync(`${path}.old`, path)
      },
    ],
  ])('that was %s between two exports is begun anew, or added to', async (_, happens) => {
    const path = newFile()
    const pages = manyPages(3)
    const delivery = await openOtlpFile(path)
    expectAllDelivered(await send(delivery, pages.slice(0, 1)), pages.slice(0, 1))
    happens(path)
    const before = existsSync(path) ? spansInFile(path).length : 0
    expectAllDelivered(await send(delivery, pages.slice(1)), pages.slice(1))
    await delivery.close()
    expect(spansInFile(path)).toHaveLength(before + 4)
    expect(new Set(spansInFile(path).map(({ span }) => span.spanId)).size).toBe(before + 4)
  })
})
