import { describe, expect, it } from 'vitest'
import { appScript, reportScript, styles } from '../../src/page/assets.js'
import { renderReport } from '../../src/page/render.js'
import { anAttempt, aSummary, aView } from './a-view.js'

describe('the page of a run as Node renders it', () => {
  const failed = aView({
    summary: aSummary({ status: 'failed', run_id: '<script>alert(1)</script>' }),
    error: 'first line\nsecond line',
    query: 'SELECT "<b>"',
    attempts: [anAttempt({ chunk: 5, failed: true, error: 'division by zero' })],
    files: [{ name: 'gpj.\u202eexe" onload="x', rows: 1, bytes: 2 }],
  })

  it('says at its top what failed and why', () => {
    const html = renderReport(failed)
    expect(html).toMatch(/^<main[ >].*<\/main>$/s)
    const top = html.slice(0, html.indexOf('</header>'))
    expect(top).toContain('Chunk 5 (keys 1 – 250) failed: division by zero')
    expect(top).toContain('first line')
  })

  it('says why before it shows the error, or the error first where nothing else says why', () => {
    const html = renderReport(failed)
    expect(html.indexOf('division by zero')).toBeLessThan(html.indexOf('first line'))
    const alone = renderReport({ ...failed, attempts: [anAttempt({ longest: true })] })
    expect(alone.indexOf('first line')).toBeLessThan(alone.indexOf('Slowest'))
  })

  it('does not say that nothing degraded where nothing is known', () => {
    expect(renderReport(aView())).toContain('Nothing degraded.')
    const summary = aSummary({ journal: false })
    const killed = renderReport(
      aView({ summary, banner: 'Killed.', incomplete: ['What is left.'] }),
    )
    expect(killed).toContain('Killed. What is left.')
    const broken = renderReport(aView({ incomplete: ['entry 3 is missing'] }))
    expect(broken).toContain('of the rest nothing is known')
    for (const html of [killed, broken]) expect(html).not.toContain('Nothing degraded.')
  })

  it('leaves what is in the view text', () => {
    const html = renderReport(failed)
    expect(html).not.toMatch(/<script|<b>|\son[a-z]+="/)
    expect(html).toContain('&lt;script>alert(1)')
    expect(html).not.toContain('\u202e')
    expect(html).toContain('U+202E')
  })

  // A policy that allows styles by their hash forbids these.
  it('has no style attributes', () => {
    expect(renderReport(failed)).not.toContain(' style=')
  })

  it('has at most 60 rows of 10,000 attempts, and says how many are missing', () => {
    const attempts = Array.from({ length: 10_000 }, (_, chunk) => anAttempt({ chunk }))
    const html = renderReport(aView({ attempts }))
    expect(html.match(/class="bar/g)).toHaveLength(60)
    expect(html).toContain('9,940 are not printed')
  })

  it('is there for a run of which nothing is known', () => {
    const summary = aSummary({ journal: false, status: null, started_at: null })
    const html = renderReport(
      aView({ summary, axis: null, banner: 'NO JOURNAL', incomplete: ['Gone.'] }),
    )
    expect(html).toContain('status not known')
    expect(html).toContain('NO JOURNAL')
  })
})

describe('what a browser is given', () => {
  it('needs nothing from elsewhere, and evaluates no text', () => {
    for (const script of [reportScript, appScript]) {
      expect(script).not.toMatch(
        /<\/script|\beval\(|new Function|import\(|https?:\/\/(?!www\.w3\.org)/,
      )
    }
    expect(styles).not.toMatch(/https?:|@import|url\((?!"#)/)
  })

  it('tells whose code is in it', () => {
    expect(reportScript).toMatch(/^\/\*!.*preact: Copyright.*Permission is hereby granted/s)
  })
})
