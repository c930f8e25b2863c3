import { describe, expect, it } from 'vitest'
import { inOrder } from '../../src/bridge/in-order.js'

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('inOrder', () => {
  it('hands over the answers in the order of the questions, whichever comes first', async () => {
    const waiting: (() => void)[] = []
    const answers = collect(
      inOrder([1, 2, 3], 3, async (n) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return n * 10
      }),
    )
    while (waiting.length < 3) await new Promise(setImmediate)
    for (const answer of waiting.reverse()) answer()
    expect(await answers).toEqual([10, 20, 30])
  })

  it('asks ahead by so many and no more', async () => {
    let asked = 0
    let most = 0
    let given = 0
    const answers = inOrder(Array.from({ length: 20 }).keys(), 4, async (n) => {
      asked++
      most = Math.max(most, asked - given)
      return n
    })
    for await (const _ of answers) given++
    expect(given).toBe(20)
    expect(most).toBe(4)
  })

  it('ends with the error of the first question that fails, after the answers before it', async () => {
    const given: number[] = []
    const answers = async () => {
      const all = inOrder([1, 2, 3, 4], 4, async (n) => {
        if (n >= 3) throw new Error(`no ${n}`)
        return n
      })
      for await (const n of all) given.push(n)
    }
    await expect(answers()).rejects.toThrow('no 3')
    expect(given).toEqual([1, 2])
  })
})
