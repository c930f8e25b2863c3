import { describe, expect, it } from 'vitest'
import { type ExecutedCommand, execToTrace } from '../../src/mapping/exec-span.js'
import { SpanKind, StatusCode } from '../../src/trace/trace.js'
import { MS, T0 } from '../journal/example-journals.js'
import { imported } from './both-ways.js'
import { COMMAND, LEFT, onlySpan, receivedOf } from './known-beside.js'

const spanOf = (more: Partial<ExecutedCommand>) =>
  onlySpan(execToTrace({ ...COMMAND, ...more }, []))

describe('the span of the wrapper', () => {
  it('is the command, with a link to each run that it left', () => {
    expect(onlySpan(execToTrace(COMMAND, [LEFT], { namespace: 'eu' }))).toEqual({
      ...COMMAND.context,
      parentSpanId: '00f067aa0ba902b7',
      name: 'exec rivet',
      kind: SpanKind.INTERNAL,
      startTimeUnixNano: T0,
      endTimeUnixNano: T0 + 2000n * MS,
      attributes: {
        'rivet.run.namespace': 'eu',
        'rivet.exec.program': 'rivet',
        'rivet.exec.exit_code': 0,
        'rivet.exec.runs': 1,
      },
      events: [],
      links: [
        {
          traceId: 'c3bde0ddc359ac2423e3095a715b3412',
          spanId: 'b36d1caeb2e67c87',
          attributes: { 'rivet.run.id': 'orders_1' },
        },
      ],
    })
  })

  it('is a root where nothing surrounds it', () => {
    const { parentSpanId: _, ...command } = COMMAND
    expect(onlySpan(execToTrace(command, []))).not.toHaveProperty('parentSpanId')
  })

  it('of a command that failed is an error', () => {
    const { status, attributes } = spanOf({ exitCode: 3 })
    expect(status).toEqual({
      code: StatusCode.ERROR,
      message: 'the command ended with exit code 3',
    })
    expect(attributes).toMatchObject({ 'rivet.exec.exit_code': 3, 'error.type': '_OTHER' })
  })

  it('of a command that a signal ended is an error', () => {
    const { exitCode: _, ...command } = COMMAND
    const { status, attributes } = onlySpan(execToTrace({ ...command, signal: 'SIGKILL' }, []))
    expect(status?.message).toBe('the command was ended by SIGKILL')
    expect(attributes).toMatchObject({ 'rivet.exec.signal': 'SIGKILL', 'error.type': '_OTHER' })
    expect(attributes).not.toHaveProperty('rivet.exec.exit_code')
  })

  it('has at most 1,000 links, and says how many runs there were', () => {
    const runs = Array.from({ length: 1001 }, () => LEFT)
    const { links, attributes } = onlySpan(execToTrace(COMMAND, runs))
    expect(links).toHaveLength(1000)
    expect(attributes).toMatchObject({ 'rivet.exec.runs': 1001, 'rivet.trace.left_out': 1 })
  })

  it('lasts at least 1 ns, inside 1970 to 2100', () => {
    const { startTimeUnixNano, endTimeUnixNano } = spanOf({ startUnixNano: -1n, endUnixNano: -5n })
    expect([startTimeUnixNano, endTimeUnixNano]).toEqual([0n, 1n])
  })

  it('is a page about itself, and no journal', () => {
    const page = execToTrace(COMMAND, [LEFT])
    expect(page).toMatchObject({ subject: 'exec', runId: 'b7ad6b7169203331', exportName: 'rivet' })
    expect(imported(receivedOf([page]))).toEqual([])
  })
})
