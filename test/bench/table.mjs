// A table as it is printed.
import { peakHolds, ratioHolds } from './result.mjs'
import { median } from './statistics.mjs'

/**
 * @typedef {import('./result.mjs').Table} Table
 * @typedef {import('./result.mjs').Row} Row
 */

const GAP = '  '

/** @param {Table} table @returns {string} */
export function printedTable({ title, ratioTitle = '', rows, notes = [] }) {
  const head = ['', 'median', 'min – max', 'CPU', 'entries/s', ratioTitle, 'goal', 'peak', 'goal']
  const cells = [head, ...rows.map(cellsOf)]
  const used = head.map((_, column) => cells.some((row, i) => i > 0 && row[column] !== ''))
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .filter((_, column) => used[column])
      .join(GAP),
  )
  return [
    '',
    `  ${title}`,
    ...lines.map((line) => `    ${line}`),
    ...notes.map((note) => `    ${note}`),
  ].join('\n')
}

/** @param {Row} row @returns {string[]} */
function cellsOf(row) {
  const { name, rounds, entries, ratio, peakAtMost } = row
  const ms = rounds.map((round) => round.ms)
  const typical = median(ms)
  const peak = Math.max(...rounds.map(({ peakBytes }) => peakBytes))
  return [
    name,
    inMs(typical),
    `${inMs(Math.min(...ms))} – ${inMs(Math.max(...ms))}`,
    inMs(median(rounds.map(({ cpuMs }) => cpuMs))),
    entries === undefined ? '' : Math.round((entries / typical) * 1000).toLocaleString('en'),
    ratio === undefined ? '' : `${inFigures(ratio.value)}${ratio.unit}`,
    goal(ratioGoal(ratio), ratioHolds(ratio)),
    inMB(peak),
    goal(peakAtMost === undefined ? '' : `≤ ${inMB(peakAtMost)}`, peakHolds(row)),
  ]
}

/** @param {string} text @param {boolean | undefined} holds */
function goal(text, holds) {
  if (holds === undefined) return ''
  return `${text} ${holds ? 'yes' : 'NO '}`
}

/** @param {Row['ratio']} ratio */
function ratioGoal(ratio) {
  const { atLeast, atMost, unit = '' } = ratio ?? {}
  const sign = unit.startsWith('×') ? '×' : ' %'
  if (atLeast !== undefined) return `≥ ${atLeast}${sign}`
  return atMost === undefined ? '' : `≤ ${atMost}${sign}`
}

/** @param {number} ms */
function inMs(ms) {
  if (Number.isNaN(ms)) return ''
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`
}

/** @param {number} bytes */
function inMB(bytes) {
  if (Number.isNaN(bytes)) return ''
  return `${Math.round(bytes / 1e6)} MB`
}

/** @param {number} value */
function inFigures(value) {
  return value < 10 ? value.toFixed(2) : value.toFixed(1)
}
