import { describe, expect, it } from 'vitest'
import { nearDifferences } from '../../src/page/near-differences.js'
import { renderReport } from '../../src/page/render.js'
import { highestOf } from '../../src/page/trend/trend-points.js'
import type { Difference, RunDiff } from '../../src/view/run-diff.js'
import { aSummary, aView } from './a-view.js'

function diffOf(differences: readonly Difference[], other: Partial<RunDiff> = {}): RunDiff {
  return {
    a: aSummary(),
    b: aSummary({ run_id: 'orders_2' }),
    remarks: [],
    differences,
    not_compared: [],
    chunks: { matched_by: null, matched: 0, moved: [] },
    failures: { only_in_a: [], only_in_b: [] },
    ...other,
  }
}

const page = (comparison: RunDiff) => renderReport(aView({ comparison }))

describe('the comparison with the run before', () => {
  it('shows SQL as lines with their signs, and not in the table', () => {
    const lines = [
      { in: 'both', text: 'SELECT id' },
      { in: 'a', text: 'FROM old' },
      { in: 'b', text: 'FROM new' },
    ] as const
    const query = { subject: 'plan', label: 'query', a: 'old', b: 'new', change: null } as const
    const html = page(diffOf([{ ...query, lines }]))
    expect(html).toMatch(/class="only-a">- <bdi>FROM old/)
    expect(html).toMatch(/class="only-b">\+ <bdi>FROM new/)
    expect(html).not.toContain('Before (A)')
  })

  it('names the schema once, whatever changed in it', () => {
    const texts = ['added region', 'removed kind', 'changed at']
    const html = page(
      diffOf(
        texts.map((b) => ({ subject: 'schema', label: 'schema', a: '', b, change: null }) as const),
      ),
    )
    expect(html.match(/<bdi>schema<\/bdi>/g)).toHaveLength(1)
    expect(html).toContain(texts.join('\n'))
  })

  it('does not say that nothing differs where something could not be compared', () => {
    expect(page(diffOf([]))).toContain('Nothing differs.')
    const unknown = { subject: 'plan', label: 'plan', why: 'A does not say it' } as const
    const html = page(diffOf([], { not_compared: [unknown], remarks: ['A is redacted: query'] }))
    expect(html).not.toContain('Nothing differs.')
    for (const words of ['A does not say it', 'A is redacted: query']) expect(html).toContain(words)
  })

  it('leaves out what is far from any difference, and says how much', () => {
    const both = (text: string) => ({ in: 'both', text }) as const
    const lines = [...['1', '2', '3', '4'].map(both), { in: 'b', text: 'new' } as const]
    expect(nearDifferences(lines)).toEqual([2, ...lines.slice(2)])
  })
})

describe('the highest of a trend', () => {
  it('is not known where nothing is', () => {
    expect(highestOf([null, null])).toBeNull()
    expect(highestOf([null, 0])).toBe(0)
    expect(highestOf([7, '9223372036854775807', 8])).toBe('9223372036854775807')
  })
})
