import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { CLI, SHOP } from '../e2e/command-line.js'

const PAIRS = 11
const SHOW = ['show', 'orders_20261121T085339.134_11188', '--from', SHOP]
/** From 22 on Node itself starts in a third of the time, so that the same work is a larger part of it. */
const [major = 0] = process.versions.node.split('.').map(Number)
const isQuickNode = major >= 22

/** How many times as long as a Node that does nothing: the median of pairs that ran one after the other. */
function timesNode(args: readonly string[]): number {
  const ratios = Array.from({ length: PAIRS }, () => {
    const idle = wallMs(['-e', '0'])
    return wallMs([CLI, ...args]) / idle
  })
  return ratios.sort((a, b) => a - b)[Math.floor(PAIRS / 2)] ?? Number.NaN
}

function wallMs(args: readonly string[]): number {
  const began = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  expect(status).toBe(0)
  return performance.now() - began
}

// Half as much again as was measured, or more, because others use the machine too.
describe('a command starts in so many times the time of a Node that does nothing', () => {
  it.each([
    ['--version', ['--version'], 2],
    ['--help', ['--help'], isQuickNode ? 3 : 2],
    ['show', SHOW, isQuickNode ? 7 : 4],
  ])('%s', (_, args, most) => {
    expect(timesNode(args)).toBeLessThan(most)
  })
})
