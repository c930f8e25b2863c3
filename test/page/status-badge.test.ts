import { expect, it } from 'vitest'
import { renderReport } from '../../src/page/render.js'
import { aSummary, aView } from './a-view.js'

it('says of a run that was redacted that it was, beside its status', () => {
  const html = renderReport(aView({ summary: aSummary({ redaction: 'files,query' }) }))
  expect(html).toMatch(/class="badge good".*?success.*?redacted/)
  expect(renderReport(aView())).not.toContain('redacted')
})
